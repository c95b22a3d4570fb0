// --confusion, of the commands that test a classifier.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/classification/class_report.h>

namespace tapegrad::apps {

void add_confusion_option(boost::program_options::options_description& description);
// The files that it names, one for each of so many targets: FILE, and for several targets
// FILE with ".1", ".2" and so on before its ending. Empty without the option. Throws OptionError
// for an ending that is no format.
std::vector<std::string> confusion_files(const boost::program_options::variables_map& given,
                                         std::size_t targets);
// Writes the matrices, one to each of the files.
void write_confusion(std::span<const std::string> files, std::span<const ClassReport> reports);

}  // namespace tapegrad::apps
