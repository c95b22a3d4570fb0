// The commands of tg-recommend.
#pragma once

#include <string>
#include <vector>

namespace tapegrad::apps {

// Each takes the arguments after its name and returns the exit code; wrong usage throws OptionError
// or boost's own error.
int run_inspect(const std::vector<std::string>& arguments);
int run_train(const std::vector<std::string>& arguments);
int run_evaluate(const std::vector<std::string>& arguments);
int run_recommend(const std::vector<std::string>& arguments);
int run_similar(const std::vector<std::string>& arguments);
int run_explain(const std::vector<std::string>& arguments);
int run_tune(const std::vector<std::string>& arguments);
int run_update(const std::vector<std::string>& arguments);
int run_forget(const std::vector<std::string>& arguments);
int run_business(const std::vector<std::string>& arguments);

}  // namespace tapegrad::apps
