// Lists of the form name=value,name=value that options take.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapegrad::apps {

// The pairs in their order, without the blanks around names and values. As in a CSV line, a pair
// that holds a comma stands in double quotes. Neither name nor value is empty. Throws OptionError
// for what is no such list; `option` and `example`, as in "--columns" and "user=1,item=2", are what
// the error says.
std::vector<std::pair<std::string, std::string>> parse_pairs(std::string_view text,
                                                             std::string_view option,
                                                             std::string_view example);

}  // namespace tapegrad::apps
