/* The Gaussian mixture objective, as a careful C programmer writes it: the primal that gradients are
 * measured against. Q_k is lower triangular: log-diagonal first, then the strict lower triangle
 * column by column. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static double log_sum_exp(int n, const double *x) {
    double largest = x[0];
    for (int i = 1; i < n; i++)
        if (x[i] > largest) largest = x[i];
    double sum = 0.0;
    for (int i = 0; i < n; i++) sum += exp(x[i] - largest);
    return largest + log(sum);
}

static double log_wishart_prior(int d, int k, double gamma, int m, const double *sum_q,
                                const double *q_diagonal, const double *icf, int icf_size) {
    const double pi = 3.14159265359;
    int n = d + m + 1;
    double log_gamma_d = 0.25 * d * (d - 1) * log(pi);
    for (int j = 1; j <= d; j++) log_gamma_d += lgamma(0.5 * n + 0.5 * (1 - j));
    double c = n * d * (log(gamma) - 0.5 * log(2.0)) - log_gamma_d;
    double out = 0.0;
    for (int ik = 0; ik < k; ik++) {
        double squares = 0.0;
        for (int i = 0; i < d; i++) squares += q_diagonal[ik * d + i] * q_diagonal[ik * d + i];
        for (int i = d; i < icf_size; i++)
            squares += icf[ik * icf_size + i] * icf[ik * icf_size + i];
        out += 0.5 * gamma * gamma * squares - m * sum_q[ik];
    }
    return out - k * c;
}

double gmm_objective(int64_t dimension, int64_t components, int64_t points,
                     const double *restrict alphas,
                     const double *restrict means, const double *restrict icf,
                     const double *restrict x, double gamma, int64_t freedom) {
    const int d = (int)dimension, k = (int)components, n = (int)points, m = (int)freedom;
    const double pi = 3.14159265359;
    int icf_size = d * (d + 1) / 2;
    double *q_diagonal = malloc(sizeof(double) * k * d);
    double *sum_q = malloc(sizeof(double) * k);
    double *terms = malloc(sizeof(double) * k);
    double *centred = malloc(sizeof(double) * d);
    double *product = malloc(sizeof(double) * d);
    for (int ik = 0; ik < k; ik++) {
        sum_q[ik] = 0.0;
        for (int i = 0; i < d; i++) {
            double q = icf[ik * icf_size + i];
            sum_q[ik] += q;
            q_diagonal[ik * d + i] = exp(q);
        }
    }
    double total = 0.0;
    for (int ix = 0; ix < n; ix++) {
        for (int ik = 0; ik < k; ik++) {
            const double *lower = icf + ik * icf_size + d;
            for (int i = 0; i < d; i++) centred[i] = x[ix * d + i] - means[ik * d + i];
            for (int i = 0; i < d; i++) product[i] = q_diagonal[ik * d + i] * centred[i];
            int position = 0;
            for (int j = 0; j < d; j++)
                for (int i = j + 1; i < d; i++) product[i] += lower[position++] * centred[j];
            double squares = 0.0;
            for (int i = 0; i < d; i++) squares += product[i] * product[i];
            terms[ik] = alphas[ik] + sum_q[ik] - 0.5 * squares;
        }
        total += log_sum_exp(k, terms);
    }
    double constant = -n * d * 0.5 * log(2.0 * pi);
    double result = constant + total - n * log_sum_exp(k, alphas) +
                    log_wishart_prior(d, k, gamma, m, sum_q, q_diagonal, icf, icf_size);
    free(q_diagonal);
    free(sum_q);
    free(terms);
    free(centred);
    free(product);
    return result;
}
