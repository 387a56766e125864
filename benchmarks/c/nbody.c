/* Bodies that attract one another, by leapfrog steps, and how far they end from their start. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void accelerations(int64_t n, const double *restrict x, const double *restrict masses,
                          double softening, double *restrict a) {
    for (int64_t i = 0; i < n; i++) {
        double ax = 0.0, ay = 0.0, az = 0.0;
        for (int64_t j = 0; j < n; j++) {
            double dx = x[3 * j] - x[3 * i];
            double dy = x[3 * j + 1] - x[3 * i + 1];
            double dz = x[3 * j + 2] - x[3 * i + 2];
            double square = dx * dx + dy * dy + dz * dz + softening * softening;
            /* A body is at distance 0 from itself: it pulls itself nowhere. */
            double pull = i == j ? 0.0 : masses[j] / (square * sqrt(square));
            ax += pull * dx;
            ay += pull * dy;
            az += pull * dz;
        }
        a[3 * i] = ax;
        a[3 * i + 1] = ay;
        a[3 * i + 2] = az;
    }
}

double nbody_open_orbit(int64_t n, const double *restrict x0, const double *restrict v0,
                        const double *restrict masses, double time, int64_t steps,
                        double softening) {
    double *x = malloc(sizeof(double) * 3 * n), *v = malloc(sizeof(double) * 3 * n);
    double *a = malloc(sizeof(double) * 3 * n), h = time / steps, total = 0.0;
    memcpy(x, x0, sizeof(double) * 3 * n);
    memcpy(v, v0, sizeof(double) * 3 * n);
    accelerations(n, x, masses, softening, a);
    for (int64_t t = 0; t < steps; t++) {
        for (int64_t k = 0; k < 3 * n; k++) {
            v[k] += 0.5 * h * a[k];
            x[k] += h * v[k];
        }
        accelerations(n, x, masses, softening, a);
        for (int64_t k = 0; k < 3 * n; k++) v[k] += 0.5 * h * a[k];
    }
    for (int64_t k = 0; k < 3 * n; k++)
        total += (x[k] - x0[k]) * (x[k] - x0[k]) + (v[k] - v0[k]) * (v[k] - v0[k]);
    free(x);
    free(v);
    free(a);
    return total;
}
