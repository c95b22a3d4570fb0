#include <tapegrad/apps/command_line/explain_command.h>

#include <algorithm>
#include <iostream>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_explain_options(po::options_description& description, const std::string& parts) {
  description.add_options()(
      "method", po::value<std::string>()->value_name("NAME")->default_value("leave-out"),
      "how the score is taken apart: leave-out (the score less the score without one of them) or "
      "gradients (integrated gradients of a neural network, which share out the whole score)")(
      "k", po::value<int>()->value_name("N")->default_value(10),
      fmt::format("how many {} are shown, the weightiest first; from 1 on", parts).c_str())(
      "svg", po::value<std::string>()->value_name("FILE"),
      "a file for a picture with a bar for each of these; default: no picture")(
      "quiet", "do not print what the model was trained on")("json",
                                                             "print a JSON object instead of text");
}

bool is_by_gradients(const po::variables_map& given) {
  const auto method = given["method"].as<std::string>();
  if (method != "leave-out" && method != "gradients")
    throw OptionError(
        fmt::format("--method must be leave-out or gradients, got {}", in_quotes(method)));
  return method == "gradients";
}

void show_explanation(const po::variables_map& given, Explanation found,
                      const ExplanationText& text) {
  const auto all = found.contributions.size();
  found.contributions.resize(
      std::min(all, static_cast<std::size_t>(bounded(given, "k", 1, 1000000))));
  std::vector<std::string> names;
  for (const Contribution& one : found.contributions) names.push_back(text.name(one.part));
  const std::string title = fmt::format("{}: score {:.4f}", text.title, found.score);
  if (given.contains("svg"))
    write_text_file(given["svg"].as<std::string>(), to_svg(found, names, title));
  std::string meaning =
      found.is_sum ? "whose contributions sum to it" : "with the score less that without them";
  if (is_by_gradients(given))
    meaning =
        fmt::format("whose integrated gradients, with {:.4f} where nothing is known, {}sum to it",
                    found.without_all, found.is_sum ? "" : "about ");
  std::string lines =
      fmt::format("{}; {} of {} {}, {}\n", title, names.size(), all, text.parts, meaning);
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Contribution& one = found.contributions[i];
    nlohmann::json entry = text.json(one.part);
    entry["name"] = names[i];
    entry["contribution"] = one.value;
    list.push_back(std::move(entry));
    lines += fmt::format("{:+10.4f}  {}\n", one.value, names[i]);
  }
  nlohmann::json json = text.head;
  json["method"] = given["method"].as<std::string>();
  json["score"] = found.score;
  json["without_all"] = found.without_all;
  json["exact"] = found.is_sum;
  json["contributions"] = std::move(list);
  std::cout << (given.contains("json") ? json_line(json) : lines);
}

}  // namespace tapegrad::apps
