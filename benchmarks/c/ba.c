/* Residuals of bundle adjustment: what cameras saw of points against where they should have. A
 * camera is a row of eleven numbers: rotation vector, centre, focal length, principal point, radial
 * distortion. */
#include <math.h>
#include <stdint.h>

static void rotate(const double *restrict axis, const double *restrict point,
                   double *restrict out) {
    double square = axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2];
    if (square == 0.0) {
        out[0] = point[0] + axis[1] * point[2] - axis[2] * point[1];
        out[1] = point[1] + axis[2] * point[0] - axis[0] * point[2];
        out[2] = point[2] + axis[0] * point[1] - axis[1] * point[0];
        return;
    }
    double angle = sqrt(square), inverse = 1.0 / angle;
    double cosine = cos(angle), sine = sin(angle);
    double w0 = axis[0] * inverse, w1 = axis[1] * inverse, w2 = axis[2] * inverse;
    double along = (w0 * point[0] + w1 * point[1] + w2 * point[2]) * (1.0 - cosine);
    out[0] = point[0] * cosine + (w1 * point[2] - w2 * point[1]) * sine + w0 * along;
    out[1] = point[1] * cosine + (w2 * point[0] - w0 * point[2]) * sine + w1 * along;
    out[2] = point[2] * cosine + (w0 * point[1] - w1 * point[0]) * sine + w2 * along;
}

void ba_residuals(int64_t p, const double *restrict parameters, const double *restrict positions,
                  const double *restrict weights, const double *restrict features,
                  const int64_t *restrict cameras, const int64_t *restrict points,
                  double *restrict errors, double *restrict weight_errors) {
    for (int64_t i = 0; i < p; i++) {
        const double *camera = parameters + 11 * cameras[i];
        const double *position = positions + 3 * points[i];
        double centred[3], seen[3];
        for (int k = 0; k < 3; k++) centred[k] = position[k] - camera[3 + k];
        rotate(camera, centred, seen);
        double x = seen[0] / seen[2], y = seen[1] / seen[2];
        double square = x * x + y * y;
        double scale = 1.0 + camera[9] * square + camera[10] * square * square;
        double w = weights[i];
        errors[2 * i] = w * (x * scale * camera[6] + camera[7] - features[2 * i]);
        errors[2 * i + 1] = w * (y * scale * camera[6] + camera[8] - features[2 * i + 1]);
    }
    for (int64_t i = 0; i < p; i++) weight_errors[i] = 1.0 - weights[i] * weights[i];
}
