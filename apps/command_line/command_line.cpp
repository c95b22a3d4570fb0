#include <tapegrad/apps/command_line/command_line.h>

#include <algorithm>
#include <cerrno>

#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <system_error>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/printable_stream.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/row_source.h>
#include <tapegrad/apps/training/training_loop.h>
#include <tapegrad/graph/printable.h>
#include <tapegrad/nn/replaced_file.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

namespace {

std::string version_line() { return "tapegrad " TAPEGRAD_VERSION "\n"; }

void store_options_file(po::variables_map& given, const po::options_description& description) {
  const auto path = given["options"].as<std::string>();
  std::ifstream file(path);
  if (std::filesystem::is_directory(path))
    throw DataError(fmt::format("{}: expected a file of options, got a folder", path));
  if (!file)
    throw DataError(
        fmt::format("{}: cannot be read: {}", path, std::generic_category().message(errno)));
  try {
    po::store(po::parse_config_file(file, description), given);
  } catch (const po::error& error) {
    throw OptionError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace

po::options_description options_group(const std::string& caption) {
  constexpr unsigned columns = 100, columns_of_text = 64;
  return po::options_description(caption, columns, columns_of_text);
}

void add_options_file(po::options_description& description) {
  description.add_options()("options", po::value<std::string>()->value_name("FILE"),
                            "a file of options, one \"name = value\" a line, as tune writes it; "
                            "options on the command line "
                            "take precedence; default: none");
}

void add_help(po::options_description& description) {
  description.add_options()("help,h", "print this text and end")(
      "version", "print the version of the program and end");
}

std::optional<po::variables_map> parse(const po::options_description& description,
                                       const std::vector<std::string>& arguments) {
  po::variables_map given;
  po::store(po::command_line_parser(arguments).options(description).positional({}).run(), given);
  if (given.contains("help") || given.contains("version")) {
    if (given.contains("help"))
      std::cout << description;
    else
      std::cout << version_line();
    return std::nullopt;
  }
  if (given.contains("options")) store_options_file(given, description);
  po::notify(given);
  return given;
}

bool is_given(const po::variables_map& given, const std::string& name) {
  return given.contains(name) && !given[name].defaulted();
}

void refuse_given(const po::variables_map& given, const std::vector<std::string>& names,
                  const std::string& where) {
  for (const std::string& name : names) {
    if (is_given(given, name)) throw OptionError(fmt::format("--{} has no effect {}", name, where));
  }
}

void refuse_all_but(const po::variables_map& given, const po::options_description& description,
                    const std::vector<std::string>& names, const std::string& where) {
  for (const std::string& name : names_of(description)) {
    if (std::ranges::find(names, name) == names.end()) refuse_given(given, {name}, where);
  }
}

std::vector<std::string> names_of(const po::options_description& description) {
  std::vector<std::string> names;
  for (const auto& option : description.options()) names.push_back(option->long_name());
  return names;
}

namespace {

int run(const std::string& usage, const std::vector<Command>& commands,
        const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  const std::string all =
      fmt::format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
  if (arguments.empty()) throw OptionError("a command is needed; there are " + all);
  if (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    std::cout << usage;
    return 0;
  }
  if (arguments[0] == "--version") {
    std::cout << version_line();
    return 0;
  }
  const auto command = std::ranges::find(commands, arguments[0], &Command::name);
  if (command == commands.end())
    throw OptionError("there is no command " + in_quotes(arguments[0]) + "; there are " + all);
  return command->run({arguments.begin() + 1, arguments.end()});
}

bool processor_fits() {
#if defined(__x86_64__) && defined(__AVX2__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

// Pipes have no name that could be followed.
std::filesystem::path resolved(const std::string& path) {
  std::error_code error;
  const auto followed = std::filesystem::weakly_canonical(path, error);
  return error ? std::filesystem::absolute(path) : followed;
}

}  // namespace

void check_files(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  namespace fs = std::filesystem;
  std::vector<fs::path> taken;
  for (const std::string& path : inputs) {
    if (const std::string file = file_of(path); !file.empty()) taken.push_back(resolved(file));
  }
  for (const std::string& path : outputs) {
    const fs::path own = resolved(path);
    if (std::ranges::count(taken, own) > 0)
      throw OptionError(fmt::format("{} is named twice, and would be written over", path));
    taken.push_back(own);
    std::error_code error;
    const bool there = fs::exists(path, error);
    if (there && !fs::is_regular_file(path, error))
      throw DataError(fmt::format("{}: expected a regular file to write", path));
    if (there && ::access(path.c_str(), W_OK) != 0)
      throw DataError(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
    const nn::ReplacedFile trial(path);  // is not committed
  }
}

namespace {

// Runs it, and turns errors into a line and an exit code.
int run_guarded(const std::string& program, const std::function<int()>& run) {
  const PrintableStream output(std::cout), messages(std::cerr);
  const auto fail = [&](const std::exception& error, int code) {
    std::cerr << fmt::format("{}: {}\n", program, printable(error.what()));
    return code;
  };
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files is an error of writing then, which is told
  try {
    if (!processor_fits()) {
      std::cerr << program
                << ": this build needs a processor with AVX2 and FMA; configure with "
                   "-DTAPEGRAD_ARCH=x86-64 for others\n";
      return 1;
    }
    const int code = run();
    if (!std::cout.flush()) throw DataError("standard output cannot be written");
    return code;
  } catch (const OptionError& error) {
    return fail(error, 2);
  } catch (const po::error& error) {
    return fail(error, 2);
  } catch (const Interrupted& error) {
    return fail(error, 130);
  } catch (const std::exception& error) {
    return fail(error, 1);
  }
}

}  // namespace

int run_program(const std::string& program, const std::string& usage,
                const std::vector<Command>& commands, int argc, char** argv) {
  return run_guarded(program, [&] { return run(usage, commands, {argv + 1, argv + argc}); });
}

int run_program(const std::string& program, int (*run)(const std::vector<std::string>& arguments),
                int argc, char** argv) {
  return run_guarded(program, [&] { return run({argv + 1, argv + argc}); });
}

}  // namespace tapegrad::apps
