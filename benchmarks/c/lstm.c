/* The LSTM language model with diagonal weights, as a careful C programmer writes it. `main_params`
 * has for each layer weights, then biases, of four gates (forget, in, out, change), b numbers each;
 * `state` for each layer b hidden values and b cells. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static void cell(int64_t b, const double *restrict weights, const double *restrict biases,
                 double *restrict hidden, double *restrict cells, double *restrict u) {
    for (int64_t j = 0; j < b; j++) {
        double forget = sigmoid(u[j] * weights[j] + biases[j]);
        double enter = sigmoid(hidden[j] * weights[b + j] + biases[b + j]);
        double leave = sigmoid(u[j] * weights[2 * b + j] + biases[2 * b + j]);
        double change = tanh(hidden[j] * weights[3 * b + j] + biases[3 * b + j]);
        cells[j] = cells[j] * forget + enter * change;
        hidden[j] = leave * tanh(cells[j]);
        u[j] = hidden[j];
    }
}

double lstm_objective(int64_t l, int64_t c, int64_t b, const double *restrict main_params,
                      const double *restrict extra, const double *restrict state,
                      const double *restrict sequence) {
    double *current = malloc(sizeof(double) * 2 * l * b);
    double *u = malloc(sizeof(double) * b);
    memcpy(current, state, sizeof(double) * 2 * l * b);
    double total = 0.0;
    for (int64_t t = 0; t < c - 1; t++) {
        const double *given = sequence + t * b, *wanted = sequence + (t + 1) * b;
        for (int64_t j = 0; j < b; j++) u[j] = given[j] * extra[j];
        for (int64_t i = 0; i < l; i++) {
            const double *weights = main_params + 8 * i * b;
            double *hidden = current + 2 * i * b;
            cell(b, weights, weights + 4 * b, hidden, hidden + b, u);
        }
        double sum = 0.0;
        for (int64_t j = 0; j < b; j++) {
            u[j] = u[j] * extra[b + j] + extra[2 * b + j];
            sum += exp(u[j]);
        }
        double normaliser = log(2.0 + sum);
        for (int64_t j = 0; j < b; j++) total += wanted[j] * (u[j] - normaliser);
    }
    free(current);
    free(u);
    return -total / ((c - 1) * b);
}
