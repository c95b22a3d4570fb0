// The options about the tables that a command reads, the same in all commands.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/event_columns.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/data/table.h>

namespace tapegrad::apps {

// --max-unpacked, of all that reads text files; in bytes.
void add_unpacking_option(boost::program_options::options_description& description);
std::size_t max_unpacked(const boost::program_options::variables_map& given);

// Options about tables of any kind: their shape, their encoding, a query, and bad lines.
void add_plain_table_options(boost::program_options::options_description& description);
// What they say, but for the query, which query_of() gives.
TableOptions plain_table_options(const boost::program_options::variables_map& given);

// The same and more about tables of events.
void add_table_options(boost::program_options::options_description& description);

// What --encoding says of text files.
Encoding encoding_of(const boost::program_options::variables_map& given);

// The SQL query for these locations, which the option `name` gives: empty without a database.
// Throws OptionError for a database without a query and for the reverse.
std::string query_of(const boost::program_options::variables_map& given, const std::string& name,
                     std::span<const std::string> locations);

// An option `name` that takes the sources of a table: files, standard input or a database.
void add_sources_option(boost::program_options::options_description& description,
                        const std::string& name, const std::string& what);
// What it was given; empty if it was not.
std::vector<std::string> sources_of(const boost::program_options::variables_map& given,
                                    const std::string& name);

// --columns alone.
void add_columns_option(boost::program_options::options_description& description);
ColumnChoices column_choices(const boost::program_options::variables_map& given);

// `used` are the roles that the command looks at, but for those of the item table, which count with
// --items, and those of the users' ids, which counts with --users. `gathers`: without these tables
// it looks at what events say of items and users (EventColumns). Ratings and types are asked for if
// `likes` need them; `unrated` says when a column of ratings has no effect, as in "without
// --min-rating"; empty: it always has one.
TableOptions table_options(const boost::program_options::variables_map& given,
                           std::span<const std::string_view> used, const LikeOptions& likes,
                           const std::string& unrated, bool gathers = false);

// The columns of events that --columns gives to items and users.
EventColumns event_columns(const boost::program_options::variables_map& given);
// Throws OptionError where there are any, or any but item.title: they have no effect `where`.
void refuse_event_columns(const boost::program_options::variables_map& given, bool takes_titles,
                          const std::string& where);

// --items, a table of ids and titles.
void add_item_options(boost::program_options::options_description& description);
// The table's path, empty without --items. Throws OptionError for a column that has no effect then:
// one with a role of that table, unless the command `gathers` what events say of items.
std::string item_table_of(const boost::program_options::variables_map& given, bool gathers = false);
TableOptions item_table_options(const boost::program_options::variables_map& given);

}  // namespace tapegrad::apps
