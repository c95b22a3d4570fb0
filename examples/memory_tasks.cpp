// What an LSTM remembers and a plain recurrent net does not: the copy and the adding task.
//   memory_tasks [LENGTH] [UPDATES] [WIDTH] [PICTURE]
// Copy: ten symbols, then LENGTH blanks, then a sign to repeat the symbols. Adding: LENGTH pairs of
// a number and a mark, two of them marked; the answer is the marked numbers' sum. Source:
// Hochreiter & Schmidhuber, Neural Computation 9, 1997, section 5. Both nets train on shorter
// sequences too, which teach what longer ones need; the losses shown are those at LENGTH.
#include <tapegrad/tapegrad.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tg = tapegrad;

namespace {

constexpr tg::Index batch = 32, symbols = 8, shown = 10;

// [time, batch, in] → [time, batch, width].
using Layer = std::function<tg::Tensor(const tg::Tensor& x)>;

// A net for one task: its loss on a new random batch of a length.
using Task = std::function<tg::Tensor(tg::Tape& tape, tg::Random& random, tg::Index length)>;

// Symbols 0 to 7, the blank 8, the sign 9. Of the output only the last ten steps count.
Task copy_task(const tg::Scope& scope, const Layer& layer, tg::Index width) {
  const tg::nn::Linear output(scope / "output", width, symbols);
  return [=](tg::Tape& tape, tg::Random& random, tg::Index length) {
    const tg::Index time = shown + length + shown;
    std::vector<tg::Index> ids(static_cast<std::size_t>(time * batch), symbols), targets;
    for (tg::Index t = 0; t < shown; ++t) {
      for (tg::Index lane = 0; lane < batch; ++lane) {
        const tg::Index symbol = random.below(symbols);
        ids[static_cast<std::size_t>(t * batch + lane)] = symbol;
        ids[static_cast<std::size_t>((shown + length) * batch + lane)] = symbols + 1;
        targets.push_back(symbol);
      }
    }
    const tg::Tensor hidden = layer(tg::one_hot(tape.ids(ids, {time, batch}), symbols + 2));
    return tg::softmax_cross_entropy(output(tg::slice(hidden, 0, shown + length, time)),
                                     tape.ids(targets, {shown, batch}));
  };
}

Task adding_task(const tg::Scope& scope, const Layer& layer, tg::Index width) {
  const tg::nn::Linear output(scope / "output", width, 1);
  return [=](tg::Tape& tape, tg::Random& random, tg::Index length) {
    std::vector<float> values(static_cast<std::size_t>(length * batch * 2)), sums;
    for (tg::Index lane = 0; lane < batch; ++lane) {
      const auto at = [&](tg::Index t) { return static_cast<std::size_t>((t * batch + lane) * 2); };
      for (tg::Index t = 0; t < length; ++t) values[at(t)] = random.uniform();
      const tg::Index first = random.below(length / 2),
                      second = length / 2 + random.below(length - length / 2);
      values[at(first) + 1] = values[at(second) + 1] = 1.0F;
      sums.push_back(values[at(first)] + values[at(second)]);
    }
    const tg::Tensor hidden = layer(tape.input(values, {length, batch, 2}));
    const tg::Tensor last = tg::reshape(tg::slice(hidden, 0, length - 1, length), {batch, width});
    return tg::mean_squared_error(output(last), tape.input(sums, {batch, 1}));
  };
}

// The losses at the full length, smoothed.
std::vector<double> train(tg::Parameters& parameters, const Task& task, tg::Index longest,
                          int updates) {
  tg::optim::Adam adam({.learning_rate = 3e-3});
  tg::Tape tape({.seed = 1});
  tg::Random random(5);
  std::vector<double> losses;
  for (int i = 0; i < updates; ++i) {
    tape.clear();
    const tg::Index length =
        i % 5 == 0 ? longest : std::max<tg::Index>(2, longest * random.below(11) / 10);
    const tg::Tensor loss = task(tape, random, length);
    tg::Gradients gradients = tg::backward(loss);
    tg::optim::clip_by_global_norm(gradients, 1.0);
    adam.update(parameters, gradients);
    if (length == longest)
      losses.push_back(losses.empty() ? loss.item() : 0.95 * losses.back() + 0.05 * loss.item());
  }
  return losses;
}

// Gates that forget little to begin with, each unit for a time of its own up to the longest.
// Source: Tallec & Ollivier, "Can recurrent neural networks warp time?", ICLR 2018, equation 16.
void remember_up_to(tg::Index longest, tg::Array& bias) {
  tg::Random random(11);
  const tg::Index width = bias.size() / 4;  // input, forget, cell, output
  for (tg::Index i = 0; i < width; ++i) {
    const double time = random.uniform(1.0, static_cast<double>(longest - 1));
    bias.set(i, -std::log(time));
    bias.set(width + i, std::log(time));
  }
}

std::string polyline(const std::vector<double>& losses, double highest, double left, double top,
                     const char* colour) {
  std::string points;
  for (std::size_t i = 0; i < losses.size(); i += std::max<std::size_t>(1, losses.size() / 200)) {
    const double x = left + 300.0 * static_cast<double>(i) / static_cast<double>(losses.size());
    points += std::to_string(x) + "," +
              std::to_string(top + 200.0 * (1.0 - std::min(1.0, losses[i] / highest))) + " ";
  }
  return std::string("<polyline fill=\"none\" stroke=\"") + colour +
         "\" stroke-width=\"1.5\" points=\"" + points + "\"/>\n";
}

}  // namespace

int main(int argc, char** argv) {
  const tg::Index length = argc > 1 ? std::stol(argv[1]) : 20;
  const int updates = argc > 2 ? std::stoi(argv[2]) : 1200;
  const tg::Index width = argc > 3 ? std::stol(argv[3]) : 64;
  std::string picture =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"280\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<text x=\"50\" y=\"265\">blue: LSTM, red: plain recurrent net, dashed: the loss of "
      "remembering nothing</text>\n";
  std::map<std::string, double> last;
  double left = 50.0;
  for (const std::string name : {"copy", "adding"}) {
    const bool copies = name == "copy";
    const double guess = copies ? std::log(8.0) : 1.0 / 6.0;  // the loss of who remembers nothing
    picture += "<text x=\"" + std::to_string(left) + "\" y=\"25\">" + name + " task, length " +
               std::to_string(length) + ": loss over " + std::to_string(updates) +
               " updates</text>\n";
    const std::string y = std::to_string(40.0 + 200.0 * (1.0 - 1.0 / 1.5));
    picture += "<path d=\"M" + std::to_string(left) + " " + y +
               "h300\" stroke=\"grey\" stroke-dasharray=\"4\"/>\n";
    picture +=
        "<path d=\"M" + std::to_string(left) + " 40v200h300\" fill=\"none\" stroke=\"black\"/>\n";
    for (const bool lstm : {true, false}) {
      tg::Parameters parameters(3);
      const tg::Scope scope = parameters.root() / "net";
      const tg::Index in = copies ? symbols + 2 : 2;
      const tg::nn::Lstm gated(scope / "lstm", in, width);
      const tg::nn::Rnn plain(scope / "rnn", in, width);
      remember_up_to(length + 2 * shown, parameters.at("net/lstm/bias_ih_l0").mutable_value());
      const Layer layer = [&](const tg::Tensor& x) {
        return lstm ? gated(x).output : plain(x).output;
      };
      const Task task = copies ? copy_task(scope, layer, width) : adding_task(scope, layer, width);
      const std::vector<double> losses = train(parameters, task, length, updates);
      last[name + (lstm ? " lstm" : " rnn")] = losses.back() / guess;
      std::printf("%-6s %-4s loss %.4f, remembering nothing %.4f\n", name.c_str(),
                  lstm ? "LSTM" : "RNN", losses.back(), guess);
      std::fflush(stdout);
      picture += polyline(losses, 1.5 * guess, left, 40.0, lstm ? "#1f6fb4" : "#c0392b");
    }
    left += 370.0;
  }
  if (argc > 4) {
    std::ofstream file(argv[4]);
    file << picture << "</svg>\n";
    if (!file.flush()) {
      std::fprintf(stderr, "memory_tasks: %s cannot be written\n", argv[4]);
      return 1;
    }
  }
  // Learned: a loss far below that of remembering nothing, where the plain net's is not.
  return last["copy lstm"] < 0.5 && last["adding lstm"] < 0.3 && last["copy rnn"] > 0.7 ? 0 : 1;
}
