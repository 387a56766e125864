/* A product of three matrices against a target, by the BLAS that the caller hands over: dgemm with
 * Fortran's conventions, to which a row-major matrix is its transpose. Integers have 64 bits. */
#include <stdint.h>
#include <stdlib.h>

typedef void (*gemm)(const char *, const char *, const int64_t *, const int64_t *, const int64_t *,
                     const double *, const double *, const int64_t *, const double *,
                     const int64_t *, const double *, double *, const int64_t *);

static void product(gemm dgemm, int64_t n, int64_t k, int64_t m, const double *a, const double *b,
                    double *out) {
    double one = 1.0, zero = 0.0;
    dgemm("N", "N", &m, &n, &k, &one, b, &m, a, &k, &zero, out, &m);
}

double chain(int64_t n, int64_t k, int64_t m, int64_t p, const double *restrict a,
             const double *restrict b, const double *restrict c, const double *restrict target,
             void *dgemm) {
    double *ab = malloc(sizeof(double) * n * m), *abc = malloc(sizeof(double) * n * p);
    product((gemm)dgemm, n, k, m, a, b, ab);
    product((gemm)dgemm, n, m, p, ab, c, abc);
    double total = 0.0;
    for (int64_t i = 0; i < n * p; i++) total += (abc[i] - target[i]) * (abc[i] - target[i]);
    free(ab);
    free(abc);
    return total / (n * p);
}
