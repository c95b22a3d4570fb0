#include <tapegrad/apps/explanation/text_explanation.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/xml_text.h>
#include <tapegrad/apps/explanation/class_score.h>
#include <tapegrad/apps/explanation/path_integral.h>

namespace tapegrad::apps {
namespace {

using Tokens = std::vector<std::string>;

Tokens some_tokens_of(const TextClassifier& model, const std::string& text) {
  Tokeniser tokeniser(cutting_of(model));
  Tokens tokens = tokens_of(model, tokeniser, text);
  if (tokens.empty()) throw DataError("the text has no words to explain the answer by");
  return tokens;
}

std::vector<InputPart> parts_of(const Tokens& tokens) {
  std::vector<InputPart> parts;
  for (std::size_t place = 0; place < tokens.size(); ++place)
    parts.push_back({.kind = InputKind::token, .number = static_cast<std::int32_t>(place)});
  return parts;
}

// [numbers, tokens]: the share that each token has in a number of the encoder.
std::vector<double> shares_of(const std::vector<TextEncoder::Run>& runs, std::size_t tokens) {
  std::vector<double> shares(runs.size() * tokens, 0.0);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (std::size_t token = runs[i].first; token < runs[i].last; ++token)
      shares[i * tokens + token] = 1.0 / static_cast<double>(runs[i].last - runs[i].first);
  }
  return shares;
}

}  // namespace

TextExplanation explain_text_by_leaving_out(const TextClassifier& model, const std::string& text,
                                            std::size_t target, Index label, int threads) {
  TextExplanation found{.tokens = some_tokens_of(model, text), .explanation = {}};
  std::vector<Tokens> lists{found.tokens};
  for (std::size_t place = 0; place < found.tokens.size(); ++place) {
    lists.push_back(found.tokens);
    lists.back().erase(lists.back().begin() + static_cast<std::ptrdiff_t>(place));
  }
  const std::vector<double> scores =
      class_scores(model, token_outputs(model, lists, threads), {target, label});
  found.explanation.score = scores.front();
  const std::vector<InputPart> parts = parts_of(found.tokens);
  for (std::size_t place = 0; place < parts.size(); ++place)
    found.explanation.contributions.push_back({parts[place], scores.front() - scores[place + 1]});
  finish(found.explanation, 0.0);  // sorts them
  found.explanation.is_sum = false;
  return found;
}

TextExplanation explain_text_by_gradients(const TextClassifier& model, const std::string& text,
                                          std::size_t target, Index label, int steps) {
  if (model.counted)
    throw OptionError(fmt::format(
        "--method gradients explains neural networks, and {} is none: expected leave-out",
        model.name));
  TextExplanation found{.tokens = some_tokens_of(model, text), .explanation = {}};
  TextInputs inputs;
  inputs.add(model.encoder.numbers(found.tokens));
  const std::vector<TextEncoder::Run> runs = model.encoder.runs(found.tokens);
  const std::vector<double> shares = shares_of(runs, found.tokens.size());
  const auto numbers = static_cast<Index>(runs.size()),
             tokens = static_cast<Index>(found.tokens.size());
  const auto score = [&](Tape& tape, const Tensor& strengths) {
    const Tensor of_numbers =
        matmul(tape.input(shares, {numbers, tokens}), reshape(strengths, {tokens, 1}));
    const Tensor logits =
        model.network->logits(tape, inputs, std::vector<Index>{0}, reshape(of_numbers, {numbers}));
    return class_score(model, logits, {target, label});
  };
  found.explanation = integrate_gradients(parts_of(found.tokens), score, steps);
  return found;
}

std::string to_html(const TextExplanation& explanation, const std::string& title) {
  std::vector<double> values(explanation.tokens.size(), 0.0);
  double greatest = 0.0;
  for (const Contribution& one : explanation.explanation.contributions) {
    values[static_cast<std::size_t>(one.part.number)] = one.value;
    greatest = std::max(greatest, std::abs(one.value));
  }
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{0}</title>\n"
      "<style>body {{ font-family: sans-serif; max-width: 50em; margin: 2em auto; line-height: 2; "
      "}} mark {{ padding: 0.15em 0.2em; border-radius: 0.2em; }}</style></head>\n"
      "<body>\n<h1>{0}</h1>\n<p>Words that speak for the answer are green, words that speak "
      "against it are red.</p>\n<p>\n",
      xml_text(title));
  for (std::size_t token = 0; token < values.size(); ++token) {
    const double depth = greatest > 0.0 ? std::abs(values[token]) / greatest : 0.0;
    html +=
        fmt::format("<mark style=\"background: rgba({}, {:.2f})\" title=\"{:+.4f}\">{}</mark>\n",
                    values[token] < 0.0 ? "200, 60, 40" : "40, 150, 80", 0.85 * depth,
                    values[token], xml_text(explanation.tokens[token]));
  }
  return html + "</p>\n</body>\n</html>\n";
}

}  // namespace tapegrad::apps
