// What the programs' command lines share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/settings.h>

namespace tapegrad::apps {

// A group of options, empty at first, whose help is 100 columns wide.
boost::program_options::options_description options_group(const std::string& caption);

// --help, which is -h, too; and -h and --version of a command.
void add_help(boost::program_options::options_description& description);

// --options, a file of options that a command takes besides its command line, which goes before.
void add_options_file(boost::program_options::options_description& description);

// The options given, or nothing after --help or --version was answered. Throws
// boost::program_options::error, and OptionError for an option that a file has wrong.
std::optional<boost::program_options::variables_map> parse(
    const boost::program_options::options_description& description,
    const std::vector<std::string>& arguments);

// Whether the option stands on the command line, rather than having its default.
bool is_given(const boost::program_options::variables_map& given, const std::string& name);

// Throws OptionError for the first of the names that is given though it has no effect `where`, as
// in "with model ease".
void refuse_given(const boost::program_options::variables_map& given,
                  const std::vector<std::string>& names, const std::string& where);
// The same for every option of `description` that is given and is not one of the names.
void refuse_all_but(const boost::program_options::variables_map& given,
                    const boost::program_options::options_description& description,
                    const std::vector<std::string>& names, const std::string& where);
std::vector<std::string> names_of(const boost::program_options::options_description& description);

// An option's number; throws OptionError outside of [least, greatest].
template <class Value>
Value bounded(const boost::program_options::variables_map& given, const std::string& name,
              Value least, Value greatest) {
  const Value value = given[name].as<Value>();
  if (!(value >= least && value <= greatest))
    throw OptionError(
        fmt::format("--{} must be within [{}, {}], got {}", name, least, greatest, value));
  return value;
}

// Sets what is given, and leaves alone what is not.
template <class Value, class Bound>
void set_bounded(Value& value, const boost::program_options::variables_map& given,
                 const std::string& name, Bound least, Bound greatest) {
  if (given.contains(name)) value = static_cast<Value>(bounded(given, name, least, greatest));
}

// The same for a number that files have, too: its name and bounds are in settings.h.
template <class Value, class Bound>
void set_bounded(Value& value, const boost::program_options::variables_map& given,
                 const Setting<Bound>& setting) {
  set_bounded(value, given, setting.name, setting.least, setting.greatest);
}

// For before a long training: throws OptionError where an output is also an input or another
// output, and DataError where one cannot be written. Leaves what is there as it is.
void check_files(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs);

struct Command {
  std::string name;
  int (*run)(const std::vector<std::string>& arguments);
};

// Runs the command that the first argument names. Errors are one line on stderr; exit codes: 0, 1
// for data and files, 2 for usage, 130 after an interruption.
int run_program(const std::string& program, const std::string& usage,
                const std::vector<Command>& commands, int argc, char** argv);
// The same for a program that is one command.
int run_program(const std::string& program, int (*run)(const std::vector<std::string>& arguments),
                int argc, char** argv);

}  // namespace tapegrad::apps
