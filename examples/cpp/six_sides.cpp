// A point cloud from its six sides: a picture of what each side shows, and how many points each
// sees.
//   six_sides                            a torus
//   six_sides cloud.xyz                  x y z on every line, inside the unit sphere
//   six_sides cloud.xyz six_sides.pgm    and the picture: the sides in a row, near is bright
#include <pdengine/core/cpu_features.h>
#include <pdengine/splat_points/splat_points.h>
#include <pdengine/visible_points/visible_points.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace pd = pdengine;

constexpr int64_t kViews = 6;
constexpr int64_t kSize = 256;         // pixels, height and width
constexpr float kDistance = 3;         // of the cameras from the origin, scene units
constexpr float kFocal = 2;            // half image widths: the unit sphere fills 0.7 of the image
constexpr double kRadius = 1.5;        // of the disc that a point is drawn as, pixels
constexpr float kTolerance = 0.0625f;  // behind the drawn surface a point is still seen

constexpr const char* kNames[kViews] = {"front", "back", "left", "right", "top", "bottom"};
using Vector = std::array<float, 3>;
constexpr Vector kForward[kViews] = {{0, 0, -1}, {0, 0, 1},  {1, 0, 0},
                                     {-1, 0, 0}, {0, -1, 0}, {0, 1, 0}};
constexpr Vector kDown[kViews] = {{0, -1, 0}, {0, -1, 0}, {0, -1, 0},
                                  {0, -1, 0}, {0, 0, 1},  {0, 0, -1}};

// World to camera, row by row: x right, y down, z forward.
std::vector<float> rotations() {
    std::vector<float> rows;
    for (int64_t v = 0; v < kViews; ++v) {
        const Vector &down = kDown[v], &forward = kForward[v];
        for (int a = 0; a < 3; ++a) {
            const int b = (a + 1) % 3, c = (a + 2) % 3;
            rows.push_back(down[b] * forward[c] - down[c] * forward[b]);
        }
        rows.insert(rows.end(), down.begin(), down.end());
        rows.insert(rows.end(), forward.begin(), forward.end());
    }
    return rows;
}

std::vector<float> torus(int around, int across) {
    constexpr double kTurn = 6.283185307179586;
    std::vector<float> xyz;
    for (int i = 0; i < around; ++i)
        for (int j = 0; j < across; ++j) {
            const double a = kTurn * i / around, b = kTurn * j / across;
            const double ring = 0.7 + 0.25 * std::cos(b);
            for (double x : {ring * std::cos(a), 0.25 * std::sin(b), ring * std::sin(a)})
                xyz.push_back(static_cast<float>(x));
        }
    return xyz;
}

std::vector<float> read_xyz(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path + " cannot be opened");
    std::vector<float> xyz;
    for (float x; file >> x;) xyz.push_back(x);
    if (!file.eof() || xyz.size() % 3 != 0)
        throw std::runtime_error(path + " is not three numbers on every line");
    return xyz;
}

void write_pgm(const std::string& path, pd::TensorView<const float, 3> depth) {
    std::ofstream file(path, std::ios::binary);
    file << "P5 " << kViews * kSize << ' ' << kSize << " 255\n";
    for (int64_t row = 0; row < kSize; ++row)
        for (int64_t v = 0; v < kViews; ++v)
            for (int64_t col = 0; col < kSize; ++col) {
                const float z = depth.row(v)[row * kSize + col];  // inf where nothing is drawn
                const float near = std::clamp(kDistance + 1 - z, 0.0f, 2.0f);
                file.put(static_cast<char>(std::isinf(z) ? 0 : 55 + static_cast<int>(100 * near)));
            }
    if (!file.flush()) throw std::runtime_error(path + " cannot be written");
}

int look(const std::vector<float>& cloud, const char* picture) {
    const int64_t points = static_cast<int64_t>(cloud.size()) / 3;
    const int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));

    const std::vector<float> turns = rotations();
    std::vector<float> offsets, focals(kViews, kFocal);
    for (int64_t v = 0; v < kViews; ++v) offsets.insert(offsets.end(), {0, 0, kDistance});
    const pd::TensorView<const float, 2> xyz{cloud.data(), {points, 3}};
    const pd::TensorView<const float, 3> rotation{turns.data(), {kViews, 3, 3}};
    const pd::TensorView<const float, 2> translation{offsets.data(), {kViews, 3}};
    const pd::TensorView<const float, 1> focal{focals.data(), {kViews}};

    // A view owns nothing: the memory that it shows must outlive the call.
    std::vector<int32_t> index(kViews * kSize * kSize), pixel(kViews * points);
    std::vector<float> depth(kViews * kSize * kSize);
    const pd::TensorView<const float, 3> drawn{depth.data(), {kViews, kSize, kSize}};
    pd::splat_points_cpu({xyz,
                          rotation,
                          translation,
                          focal,
                          kRadius,
                          {index.data(), {kViews, kSize, kSize}},
                          {depth.data(), {kViews, kSize, kSize}}},
                         threads);
    pd::visible_points_cpu(
        {xyz, rotation, translation, focal, drawn, kTolerance, {pixel.data(), {kViews, points}}},
        threads);

    constexpr const char* kKernels[] = {"portable", "avx2", "avx512"};
    std::printf("%lld points, %s kernels\n", static_cast<long long>(points),
                kKernels[static_cast<int>(pd::simd())]);
    const auto there = [](int32_t i) { return i >= 0; };
    std::vector<char> seen(points, 0);
    for (int64_t v = 0; v < kViews; ++v) {
        const int32_t *image = index.data() + v * kSize * kSize, *at = pixel.data() + v * points;
        for (int64_t n = 0; n < points; ++n) seen[n] |= there(at[n]);
        std::printf("%-6s %6lld pixels drawn, %6lld points seen\n", kNames[v],
                    static_cast<long long>(std::count_if(image, image + kSize * kSize, there)),
                    static_cast<long long>(std::count_if(at, at + points, there)));
    }
    std::printf("%lld points are seen from a side\n",
                static_cast<long long>(std::count(seen.begin(), seen.end(), 1)));
    if (picture != nullptr) write_pgm(picture, drawn);
    return 0;
}

int main(int argc, char** argv) try {
    return look(argc > 1 ? read_xyz(argv[1]) : torus(200, 60), argc > 2 ? argv[2] : nullptr);
} catch (const std::exception& error) {
    std::fprintf(stderr, "six_sides: %s\n", error.what());
    return 1;
}
