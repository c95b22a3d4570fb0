// The commands of tg-classify.
#pragma once

#include <string>
#include <vector>

namespace tapegrad::apps {

// Each takes the arguments after its name and returns the exit code; wrong usage throws OptionError
// or boost's own error.
int run_train(const std::vector<std::string>& arguments);
int run_tune(const std::vector<std::string>& arguments);
int run_evaluate(const std::vector<std::string>& arguments);
int run_answer(const std::vector<std::string>& arguments);
int run_embed(const std::vector<std::string>& arguments);
int run_explain(const std::vector<std::string>& arguments);
int run_reviews(const std::vector<std::string>& arguments);
int run_predict(const std::vector<std::string>& arguments);

}  // namespace tapegrad::apps
