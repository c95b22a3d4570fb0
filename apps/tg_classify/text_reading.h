// How the commands read tables of texts.
#pragma once

#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/classification/labelled_texts.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

// Reads the sources with the options about tables that are given, and tells what was read and what
// was left out; if quiet, only the latter. What `options` say of tables is overwritten.
LabelledTexts read_texts(const boost::program_options::variables_map& given,
                         const std::vector<std::string>& sources, LabelledTextOptions options,
                         Progress& progress);

}  // namespace tapegrad::apps
