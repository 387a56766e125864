/* The Brusselator on a square grid by Runge-Kutta steps; u and v stand one behind the other in one
 * array of 2 n n numbers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void slope(int64_t n, const double *restrict s, const double *restrict p, double t,
                  double *restrict out) {
    const double *u = s, *v = s + n * n;
    double *du = out, *dv = out + n * n;
    double a = p[0], b = p[1], h = 1.0 / (n - 1), spread = p[2] / (h * h);
    for (int64_t i = 0; i < n; i++) {
        int64_t up = (i > 0 ? i - 1 : 0) * n, down = (i < n - 1 ? i + 1 : n - 1) * n, row = i * n;
        for (int64_t j = 0; j < n; j++) {
            int64_t left = row + (j > 0 ? j - 1 : 0), right = row + (j < n - 1 ? j + 1 : n - 1);
            double x = i * h - 0.3, y = j * h - 0.6;
            double fed = t >= 1.1 && x * x + y * y <= 0.01 ? 5.0 : 0.0;
            double c = u[row + j] * u[row + j] * v[row + j];
            double bend = u[up + j] + u[down + j] + u[left] + u[right] - 4.0 * u[row + j];
            du[row + j] = spread * bend + b + c - (a + 1.0) * u[row + j] + fed;
            bend = v[up + j] + v[down + j] + v[left] + v[right] - 4.0 * v[row + j];
            dv[row + j] = spread * bend + a * u[row + j] - c;
        }
    }
}

double brusselator_energy(int64_t n, const double *restrict u0, const double *restrict v0,
                          const double *restrict p, double start, double h, int64_t steps) {
    int64_t size = 2 * n * n;
    double *s = malloc(sizeof(double) * 6 * size), *moved = s + size;
    double *k1 = s + 2 * size, *k2 = s + 3 * size, *k3 = s + 4 * size, *k4 = s + 5 * size;
    memcpy(s, u0, sizeof(double) * n * n);
    memcpy(s + n * n, v0, sizeof(double) * n * n);
    for (int64_t step = 0; step < steps; step++) {
        double t = start + step * h;
        slope(n, s, p, t, k1);
        for (int64_t i = 0; i < size; i++) moved[i] = s[i] + 0.5 * h * k1[i];
        slope(n, moved, p, t + 0.5 * h, k2);
        for (int64_t i = 0; i < size; i++) moved[i] = s[i] + 0.5 * h * k2[i];
        slope(n, moved, p, t + 0.5 * h, k3);
        for (int64_t i = 0; i < size; i++) moved[i] = s[i] + h * k3[i];
        slope(n, moved, p, t + h, k4);
        for (int64_t i = 0; i < size; i++)
            s[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
    }
    double total = 0.0;
    for (int64_t i = 0; i < size; i++) total += s[i] * s[i];
    free(s);
    return 0.5 * total / (n * n);
}
