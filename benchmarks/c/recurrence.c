/* A scalar recurrence with a branch. */
#include <stdint.h>

double recurrence(int64_t n, double a, double b, const double *restrict u) {
    double x = 0.0, total = 0.0;
    for (int64_t t = 0; t < n; t++) {
        if (x > 0.0)
            x = a * x / (1.0 + x * x) + u[t];
        else
            x = b * x * (1.0 - x) / (1.0 + x * x) + u[t];
        total += x * x;
    }
    return total / n;
}
