/* Burgers' equation in explicit steps with two arrays that take turns, and how far the end is from
 * what was seen. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

double burgers_misfit(int64_t n, const double *restrict u0, const double *restrict seen,
                      int64_t steps, double c, double d, double smooth) {
    double *now = malloc(sizeof(double) * n), *after = malloc(sizeof(double) * n);
    memcpy(now, u0, sizeof(double) * n);
    memcpy(after, u0, sizeof(double) * n);
    for (int64_t t = 0; t < steps; t++) {
        const double *restrict u = now;
        double *restrict v = after;
        for (int64_t i = 1; i < n - 1; i++)
            v[i] = u[i] + d * (u[i + 1] - 2.0 * u[i] + u[i - 1]) -
                   c * (u[i + 1] * u[i + 1] - u[i - 1] * u[i - 1]);
        double *swap = now;
        now = after;
        after = swap;
    }
    double total = 0.0, slopes = 0.0;
    for (int64_t i = 0; i < n; i++) total += (now[i] - seen[i]) * (now[i] - seen[i]);
    for (int64_t i = 1; i < n; i++) slopes += (u0[i] - u0[i - 1]) * (u0[i] - u0[i - 1]);
    free(now);
    free(after);
    return total / n + smooth * slopes;
}
