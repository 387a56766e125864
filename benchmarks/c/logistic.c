/* The mean negative log-likelihood of a regularised logistic regression. */
#include <math.h>
#include <stdint.h>

double logistic_loss(int64_t n, int64_t d, const double *restrict w, double b,
                     const double *restrict x, const double *restrict y) {
    double total = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double score = b;
        for (int64_t j = 0; j < d; j++) score += x[i * d + j] * w[j];
        double z = -y[i] * score;
        total += fmax(z, 0.0) + log1p(exp(-fabs(z)));
    }
    double squares = 0.0;
    for (int64_t j = 0; j < d; j++) squares += w[j] * w[j];
    return total / n + 0.05 * squares;
}
