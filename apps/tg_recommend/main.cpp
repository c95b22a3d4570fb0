// tg-recommend: trains recommenders, evaluates them, and recommends.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/errors.h>

#include "commands.h"

namespace {

constexpr const char* usage =
    "usage: tg-recommend train     --data FILE --model MODEL [--out FILE] [options]\n"
    "       tg-recommend evaluate  --model-file FILE --data FILE [options]\n"
    "       tg-recommend recommend --model-file FILE --user ID [--k 10] [options]\n"
    "`tg-recommend COMMAND --help` lists the options of a command.\n";

int run(const std::vector<std::string>& arguments) {
  using namespace tapegrad::apps;
  if (arguments.empty()) throw OptionError("a command is needed: train, evaluate or recommend");
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "train") return run_train(rest);
  if (arguments[0] == "evaluate") return run_evaluate(rest);
  if (arguments[0] == "recommend") return run_recommend(rest);
  if (arguments[0] == "--help" || arguments[0] == "help") {
    std::cout << usage;
    return 0;
  }
  throw OptionError("there is no command " + in_quotes(arguments[0]) + "; there are train, evaluate and recommend");
}

}  // namespace

int main(int argc, char** argv) {
  try {
#if defined(__x86_64__) && defined(__AVX2__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
      std::cerr
          << "tg-recommend: this build needs a processor with AVX2 and FMA; configure with -DTAPEGRAD_ARCH=x86-64 for others\n";
      return 1;
    }
#endif
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const tapegrad::apps::OptionError& error) {
    std::cerr << "tg-recommend: " << error.what() << '\n';
    return 2;
  } catch (const boost::program_options::error& error) {
    std::cerr << "tg-recommend: " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "tg-recommend: " << error.what() << '\n';
    return 1;
  }
}
