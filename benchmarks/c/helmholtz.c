/* The Helmholtz free energy of a mixture. */
#include <math.h>
#include <stdint.h>

double helmholtz(int64_t n, const double *restrict x, const double *restrict b) {
    double volume = 0.0, entropy = 0.0, attraction = 0.0, shift = sqrt(2.0);
    for (int64_t i = 0; i < n; i++) {
        volume += b[i] * x[i];
        entropy += x[i] * log(x[i]);
        double row = x[i] / (1 + 2 * i);
        for (int64_t j = 0; j < i; j++) row += 0.5 * x[j] / (1 + i + j);
        attraction += x[i] * row;
    }
    entropy -= 0.01 * log(1.0 - volume);
    double ratio = (1.0 + volume * (1.0 + shift)) / (1.0 + volume * (1.0 - shift));
    return 1.3625e-3 * entropy - log(ratio) * attraction / volume;
}
