// Sessions as lines of ids.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/data/text_file.h>

namespace tapegrad::apps {

struct SessionLines {
  Sessions sessions;       // called by the numbers of their lines, without times
  bool are_pairs = false;  // of each only the last event is asked for
  Index empty_lines = 0;   // which hold no id, and are left out
};

// Files with a session a line: ids with blanks or commas between (parse_ids), oldest first. If the
// first line has a tab, each line is a question: the ids of a prefix, a tab, and the id that came
// next; the prefix may be empty. Several files are read one after another. Throws DataError, with
// the file and the line, for a malformed line, and for files without an id.
SessionLines read_session_lines(std::span<const std::string> paths,
                                std::size_t max_unpacked = standard_max_unpacked);

}  // namespace tapegrad::apps
