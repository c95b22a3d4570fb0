// Product images: a small convolutional net learns the ten kinds of clothes of Fashion-MNIST.
//   product_images [EPOCHS] [IMAGES] [FOLDER]
// FOLDER holds the four IDX files, gzipped or not, as Debian's package dataset-fashion-mnist
// installs them. Of the training images so many are used, all if not said.
#include <tapegrad/tapegrad.h>

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace tg = tapegrad;

namespace {

constexpr tg::Index side = 28, pixels = side * side, kinds = 10, batch = 100;

// An IDX file of bytes: two zeros, the type, the number of axes, their big-endian extents, then the
// bytes.
std::vector<unsigned char> read_idx(const std::string& path, unsigned axes) {
  const std::string real = std::filesystem::exists(path) ? path : path + ".gz";
  gzFile file = gzopen(real.c_str(), "rb");  // reads plain files too
  if (file == nullptr) throw std::runtime_error(path + ": cannot be opened");
  std::vector<unsigned char> bytes;
  unsigned char buffer[65536];
  for (int got; (got = gzread(file, buffer, sizeof buffer)) > 0;)
    bytes.insert(bytes.end(), buffer, buffer + got);
  const bool sound = gzclose(file) == Z_OK;
  const std::size_t header = 4 + 4 * axes;
  std::size_t expected = bytes.size() >= header ? 1 : 0;
  for (std::size_t i = 4; expected != 0 && i < header; i += 4) {
    expected *= static_cast<std::size_t>(bytes[i]) << 24 |
                static_cast<std::size_t>(bytes[i + 1]) << 16 |
                static_cast<std::size_t>(bytes[i + 2]) << 8 | bytes[i + 3];
  }
  if (!sound || expected == 0 || bytes[2] != 8 || bytes[3] != axes ||
      bytes.size() != header + expected)
    throw std::runtime_error(path + ": is no whole IDX file of bytes with " + std::to_string(axes) +
                             " axes");
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
  return bytes;
}

struct Images {
  std::vector<unsigned char> values, labels;
  std::size_t count() const { return labels.size(); }
};

Images read_images(const std::string& folder, const std::string& name) {
  Images images{read_idx(folder + "/" + name + "-images-idx3-ubyte", 3),
                read_idx(folder + "/" + name + "-labels-idx1-ubyte", 1)};
  if (images.values.size() != images.count() * pixels)
    throw std::runtime_error(folder + ": images and labels do not fit");
  return images;
}

class Net {
 public:
  explicit Net(const tg::Scope& scope)
      : first_(scope / "conv1", 1, 32, {3, 3}, {.padding = {1, 1}}, false),
        norm1_(scope / "norm1", 32),
        second_(scope / "conv2", 32, 64, {3, 3}, {}, false),
        norm2_(scope / "norm2", 64),
        third_(scope / "linear1", 64 * 6 * 6, 256),
        fourth_(scope / "linear2", 256, kinds) {}

  // [n, 1, 28, 28] → logits [n, 10].
  tg::Tensor operator()(const tg::Tensor& images) const {
    const tg::Tensor a = tg::max_pool2d(tg::relu(norm1_(first_(images))));
    const tg::Tensor b = tg::dropout(tg::max_pool2d(tg::relu(norm2_(second_(a)))), 0.25);
    return fourth_(tg::dropout(tg::relu(third_(tg::nn::Flatten()(b))), 0.5));
  }

 private:
  tg::nn::Conv2d first_;
  tg::nn::BatchNorm2d norm1_;
  tg::nn::Conv2d second_;
  tg::nn::BatchNorm2d norm2_;
  tg::nn::Linear third_, fourth_;
};

// Images [first, last) of `order`, half of them mirrored if a random number is given.
tg::Tensor record_images(tg::Tape& tape, const Images& images, std::span<const std::size_t> order,
                         tg::Random* random) {
  std::vector<float> values;
  values.reserve(order.size() * pixels);
  for (const std::size_t i : order) {
    const bool mirrored = random != nullptr && random->below(2) == 1;
    for (tg::Index p = 0; p < pixels; ++p) {
      const tg::Index from = mirrored ? p - p % side + side - 1 - p % side : p;
      values.push_back(
          (static_cast<float>(images.values[i * pixels + static_cast<std::size_t>(from)]) - 73.0F) /
          90.0F);
    }
  }
  return tape.input(values, {static_cast<tg::Index>(order.size()), 1, side, side});
}

std::vector<tg::Index> labels_of(const Images& images, std::span<const std::size_t> order) {
  std::vector<tg::Index> labels;
  for (const std::size_t i : order) labels.push_back(images.labels[i]);
  return labels;
}

double accuracy(tg::Tape& tape, const Net& net, const Images& images) {
  const tg::EvaluationMode evaluation(tape);
  std::vector<std::size_t> order(images.count());
  std::iota(order.begin(), order.end(), 0);
  std::size_t right = 0;
  for (std::size_t at = 0; at < order.size(); at += batch) {
    const auto part = std::span(order).subspan(at, std::min<std::size_t>(batch, order.size() - at));
    tape.clear();
    const tg::Tensor best = tg::argmax(net(record_images(tape, images, part, nullptr)));
    const auto labels = labels_of(images, part);
    for (std::size_t i = 0; i < part.size(); ++i)
      right += best.values<tg::Index>()[i] == labels[i] ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(images.count());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 3 ? argv[3] : "/usr/share/datasets/fashion-mnist";
  if (argc < 4 && !std::filesystem::exists(folder)) {
    std::printf("skipped: %s is not there; apt-get install dataset-fashion-mnist brings it\n",
                folder.c_str());
    return 0;
  }
  try {
    const auto start = std::chrono::steady_clock::now();
    const int epochs = argc > 1 ? std::stoi(argv[1]) : 12;
    const Images training = read_images(folder, "train"), test = read_images(folder, "t10k");
    std::vector<std::size_t> order(
        argc > 2 ? std::min<std::size_t>(std::stoul(argv[2]), training.count()) : training.count());
    std::iota(order.begin(), order.end(), 0);

    tg::Parameters parameters(/*seed=*/1);
    const Net net(parameters.root());
    std::printf("%s", tg::nn::summary(parameters).c_str());
    tg::optim::AdamW adam({.weight_decay = 1e-2});
    const std::uint64_t steps =
        (order.size() + batch - 1) / batch * static_cast<std::uint64_t>(epochs);
    const tg::optim::Schedule rate =
        tg::optim::warm_up(100, tg::optim::cosine_schedule(2e-3, steps));
    tg::Tape tape({.seed = 1});
    tg::Random random(1);
    for (int epoch = 0; epoch < epochs; ++epoch) {
      random.shuffle(std::span(order));
      double total = 0.0;
      for (std::size_t at = 0; at < order.size(); at += batch) {
        const auto part =
            std::span(order).subspan(at, std::min<std::size_t>(batch, order.size() - at));
        tape.clear();
        const tg::Tensor logits = net(record_images(tape, training, part, &random));
        const tg::Tensor loss = tg::softmax_cross_entropy(
            logits, tape.ids(labels_of(training, part)), {.label_smoothing = 0.05});
        adam.set_learning_rate(rate(adam.steps()));
        adam.update(parameters, tg::backward(loss));
        total += loss.item() * static_cast<double>(part.size());
      }
      const double seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      std::printf("epoch %2d  loss %.4f  (%.0f s)\n", epoch + 1,
                  total / static_cast<double>(order.size()), seconds);
      std::fflush(stdout);
    }
    std::printf("test accuracy %.4f\n", accuracy(tape, net, test));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "product_images: %s\n", error.what());
    return 1;
  }
}
