// A character model: an LSTM reads a text, learns what comes next, and goes on writing.
//   characters FILE [MINUTES] [WIDTH] [LAYERS]
// The first nine tenths of the text train, the rest validates. Backpropagation is cut after 64
// characters; the state is carried on.
#include <tapegrad/tapegrad.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace tg = tapegrad;

namespace {

constexpr tg::Index lanes = 64, steps = 64, embedded = 64;

// Characters as numbers.
struct Alphabet {
  std::array<int, 256> number;
  std::string characters;
  explicit Alphabet(const std::string& text) {
    number.fill(-1);
    for (const char c : text) {
      int& own = number[static_cast<unsigned char>(c)];
      if (own >= 0) continue;
      own = static_cast<int>(characters.size());
      characters += c;
    }
  }
  tg::Index size() const { return static_cast<tg::Index>(characters.size()); }
};

class Model {
 public:
  Model(const tg::Scope& scope, tg::Index characters, tg::Index width, tg::Index layers)
      : embedding_(scope / "embedding", characters, embedded),
        lstm_(scope / "lstm", embedded, width,
              {.layers = layers, .dropout = layers > 1 ? 0.25 : 0.0}),
        output_(scope / "output", width, characters) {}

  struct Result {
    tg::Tensor logits;  // [time, batch, characters]
    tg::nn::RecurrentState state;
  };
  Result operator()(const tg::Tensor& ids, const tg::nn::RecurrentState& state) const {
    auto [hidden, after] = lstm_(tg::dropout(embedding_(ids), 0.1), state);
    return {output_(tg::dropout(hidden, 0.25)), std::move(after)};
  }
  const tg::nn::Lstm& lstm() const { return lstm_; }

 private:
  tg::nn::Embedding embedding_;
  tg::nn::Lstm lstm_;
  tg::nn::Linear output_;
};

// Parts of a text side by side, a chunk at a time, time first.
class Chunks {
 public:
  Chunks(std::vector<tg::Index> text, tg::Index batch)
      : text_(std::move(text)), batch_(batch), length_((size() - 1) / batch) {}
  tg::Index size() const { return static_cast<tg::Index>(text_.size()); }
  tg::Index count() const { return length_ / steps; }
  // The characters of a chunk, or with `ahead` 1 those that follow them.
  std::vector<tg::Index> chunk(tg::Index number, tg::Index ahead) const {
    std::vector<tg::Index> ids;
    for (tg::Index t = 0; t < steps; ++t) {
      for (tg::Index lane = 0; lane < batch_; ++lane)
        ids.push_back(text_[static_cast<std::size_t>(lane * length_ + number * steps + t + ahead)]);
    }
    return ids;
  }

 private:
  std::vector<tg::Index> text_;
  tg::Index batch_, length_;
};

// The mean loss over a text in nats a character.
double evaluate(tg::Tape& tape, const Model& model, const Chunks& chunks, tg::Index batch) {
  const tg::EvaluationMode evaluation(tape);
  tg::nn::CarriedState carried;
  double total = 0.0;
  for (tg::Index i = 0; i < chunks.count(); ++i) {
    tape.clear();
    const tg::Tensor ids = tape.ids(chunks.chunk(i, 0), {steps, batch});
    const auto [logits, after] = model(ids, carried.begin(tape, model.lstm(), batch));
    carried.keep(after);
    total += tg::softmax_cross_entropy(logits, tape.ids(chunks.chunk(i, 1), {steps, batch})).item();
    carried.take();
  }
  return total / static_cast<double>(chunks.count());
}

std::string sample(tg::Tape& tape, const Model& model, const Alphabet& alphabet, tg::Index length,
                   double temperature) {
  const tg::EvaluationMode evaluation(tape);
  tg::Random random(7);
  tg::nn::CarriedState carried;
  std::string text(1, '\n');
  if (alphabet.number['\n'] < 0) text[0] = alphabet.characters[0];
  for (tg::Index i = 0; i < length; ++i) {
    tape.clear();
    const std::vector<tg::Index> id{alphabet.number[static_cast<unsigned char>(text.back())]};
    const auto [logits, after] = model(tape.ids(id, {1, 1}), carried.begin(tape, model.lstm(), 1));
    carried.keep(after);
    const auto chances = tg::softmax(logits * (1.0 / temperature)).values<float>();
    double at = random.uniform(0.0, 1.0);
    std::size_t next = 0;
    while (next + 1 < chances.size() && (at -= static_cast<double>(chances[next])) > 0.0) ++next;
    text += alphabet.characters[next];
    carried.take();
  }
  return text.substr(1);
}

void run(const std::string& path, double minutes, tg::Index width, tg::Index layers) {
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Alphabet alphabet(text);
  std::vector<tg::Index> numbers;
  for (const char c : text) numbers.push_back(alphabet.number[static_cast<unsigned char>(c)]);
  const auto cut = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 10 * 9);
  const Chunks training({numbers.begin(), cut}, lanes);
  constexpr tg::Index validation_lanes = 4;
  const Chunks validation({cut, numbers.end()}, validation_lanes);
  if (validation.count() < 1) throw std::runtime_error(path + ": the text is missing or too short");
  std::printf("%zu characters, %td different ones\n", text.size(), alphabet.size());

  tg::Parameters parameters(/*seed=*/1);
  const Model model(parameters.root(), alphabet.size(), width, layers);
  tg::optim::AdamW adam({.weight_decay = 1e-2});
  tg::optim::ExponentialMovingAverage average(parameters, {.decay = 0.998});
  tg::Tape tape({.seed = 1}), quiet({.training = false});
  // The rate falls with the time that is left, as a cosine; the first steps warm up.
  const double limit = minutes * 60.0 * 0.97;
  for (int epoch = 0; seconds() < limit; ++epoch) {
    tg::nn::CarriedState carried;
    double total = 0.0;
    tg::Index done = 0;
    for (; done < training.count() && seconds() < limit; ++done) {
      tape.clear();
      const tg::Tensor ids = tape.ids(training.chunk(done, 0), {steps, lanes});
      const auto [logits, after] = model(ids, carried.begin(tape, model.lstm(), lanes));
      carried.keep(after);
      const tg::Tensor loss =
          tg::softmax_cross_entropy(logits, tape.ids(training.chunk(done, 1), {steps, lanes}));
      tg::Gradients gradients = tg::backward(loss);
      tg::optim::clip_by_global_norm(gradients, 1.0);
      const double warm = std::min(1.0, static_cast<double>(adam.steps() + 1) / 50.0);
      adam.set_learning_rate(
          4e-3 * warm *
          (0.02 + 0.98 * 0.5 * (1.0 + std::cos(3.14159265 * std::min(1.0, seconds() / limit)))));
      adam.update(parameters, gradients);
      average.update(parameters);
      carried.take();
      total += loss.item();
    }
    average.exchange(parameters);
    std::printf("epoch %2d  training loss %.4f  validation loss %.4f  (%.0f s)\n", epoch + 1,
                total / static_cast<double>(done),
                evaluate(quiet, model, validation, validation_lanes), seconds());
    average.exchange(parameters);
    std::fflush(stdout);
  }
  average.exchange(parameters);
  std::printf("\n%s\n", sample(quiet, model, alphabet, 400, 0.8).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: characters FILE [MINUTES] [WIDTH] [LAYERS]\n");
    return 2;
  }
  try {
    run(argv[1], argc > 2 ? std::stod(argv[2]) : 10.0, argc > 3 ? std::stol(argv[3]) : 256,
        argc > 4 ? std::stol(argv[4]) : 2);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "characters: %s\n", error.what());
    return 1;
  }
}
