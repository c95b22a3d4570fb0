#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sqlite3.h>
#include <unistd.h>

#include <tapegrad/apps/data/interactions.h>

#include "test_files.h"

namespace tapegrad::apps {
namespace {

constexpr const char* table =
    "CREATE TABLE purchase (id INTEGER, customer TEXT, product TEXT, at TEXT, price REAL, note "
    "TEXT);"
    "INSERT INTO purchase VALUES (1, 'ann', 'tea', '2020-01-01 00:00:10', 2.5, NULL);"
    "INSERT INTO purchase VALUES (2, 'bob', 'caf\u00e9', '2020-01-01 00:00:20', 3, 'a\tb');"
    "INSERT INTO purchase VALUES (3, 'ann', 'caf\u00e9', '2020-01-01 00:00:30', NULL, '');";
constexpr const char* query =
    "SELECT customer, product, at AS time FROM purchase WHERE id < 10 ORDER BY id";

void check_events(const Interactions& events, const ReadReport& report) {
  CHECK(report.columns == "user \"customer\", item \"product\", time \"time\"");
  CHECK(report.rows == 3);
  CHECK(events.users == std::vector<std::int32_t>{0, 1, 0});
  CHECK(events.items == std::vector<std::int32_t>{0, 1, 1});
  CHECK(events.item_ids.name(1) == "caf\u00e9");
  CHECK(events.times == std::vector<double>{1577836810.0, 1577836820.0, 1577836830.0});
}

std::string error_of(const std::string& location, const std::string& asked) {
  return message_of([&] { read_interactions(location, {.source = {.query = asked}}); });
}

TEST_CASE("events come from a query of an SQLite database") {
  const TestFiles files;
  const std::string path = files.path("shop.db");
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, table, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  const std::string location = "sqlite:" + path;
  ReadReport report;
  check_events(read_interactions(location, {.source = {.query = query}}, &report), report);

  struct Case {
    std::string query;
    std::string says;
  };
  const Case cases[] = {
      {"", ": a database needs --query, which says what to read"},
      {"SELEKT 1", ": cannot run the query: near \"SELEKT\": syntax error"},
      {"SELECT * FROM sale", ": cannot run the query: no such table: sale"},
      {"DELETE FROM purchase", ": expected a query that gives rows"},
      {"-- nothing", ": expected one query, got \"-- nothing\""},
      {"SELECT 1; DROP TABLE purchase", ": expected one query, got"},
      {"SELECT id, note FROM purchase", ": expected a column for user, got \"id\", \"note\""},
      {"SELECT customer, note AS item FROM purchase",
       ":1:2: expected an item id, got an empty field"},
      {"SELECT customer, x'ff00' AS item FROM purchase", ":1:2: expected text in UTF-8"},
      {"SELECT customer, product AS item FROM purchase WHERE id > 9",
       ": expected events, got a table without rows"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.query);
    const std::string message = error_of(location, one.query);
    CAPTURE(message);
    CHECK(message.starts_with(location + one.says));
  }
  CHECK(error_of("sqlite:" + files.path("none.db"), query)
            .ends_with("cannot open the database: unable to open database file"));
  CHECK(error_of("sqlite:" + files.write("no.db", "user,item\n" + std::string(4000, 'x')), query)
            .find("cannot run the query: file is not a database") != std::string::npos);
  CHECK(message_of([&] {
          read_interactions(location, {.source = {.encoding = Encoding::latin1, .query = query}});
        }).ends_with("--encoding has no effect, since this is a database"));
  // The database is as it was.
  check_events(read_interactions(location, {.source = {.query = query}}, &report), report);
}

// A PostgreSQL server of a test's own, in a folder of its own, reached by a socket there. It runs
// as a user without privileges, since it refuses to run as root.
class TestServer {
 public:
  TestServer() {
    const std::string found = find_programs();
    if (found.empty()) return;
    folder_ =
        std::filesystem::temp_directory_path() / ("tapegrad-postgres-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    const bool is_root = geteuid() == 0;
    if (is_root) std::system(("chown nobody " + folder_).c_str());
    const std::string as_nobody =
        is_root ? "setpriv --reuid=nobody --regid=nogroup --clear-groups " : "";
    in_folder_ = "cd " + folder_ + " && " + as_nobody + "env HOME=" + folder_ + " ";
    programs_ = found + "/";
    started_ = run("initdb -D data -U shop -A trust -E UTF8 --no-locale --no-sync") &&
               run("pg_ctl -D data -w -t 60 -l log -o \"-k " + folder_ +
                   " -c listen_addresses= -F\" start");
  }
  ~TestServer() {
    if (started_) run("pg_ctl -D data -m immediate stop");
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  bool is_installed() const { return !programs_.empty(); }
  bool is_started() const { return started_; }
  bool run(const std::string& command) const {
    return std::system((in_folder_ + programs_ + command + " >>out 2>&1").c_str()) == 0;
  }
  std::string address() const { return "postgresql://shop:secret@/postgres?host=" + folder_; }
  std::string folder() const { return folder_; }

 private:
  // The newest version's folder of programs; empty where no server is installed.
  static std::string find_programs() {
    std::string newest;
    std::error_code ignored;
    for (const auto& version :
         std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
      const std::string programs = version.path().string() + "/bin";
      if (std::filesystem::exists(programs + "/initdb", ignored))
        newest = std::max(newest, programs);
    }
    return newest;
  }

  std::string folder_, in_folder_, programs_;
  bool started_ = false;
};

TEST_CASE("events come from a query of a PostgreSQL server") {
  const TestServer server;
  if (!server.is_installed()) {
    MESSAGE("skipped: there is no PostgreSQL server in /usr/lib/postgresql");
    return;
  }
  REQUIRE(server.is_started());
  const TestFiles files;
  const std::string script = files.write("table.sql", table);
  std::filesystem::permissions(files.directory(), std::filesystem::perms::all);
  REQUIRE(server.run("psql -h " + server.folder() + " -U shop -v ON_ERROR_STOP=1 -f " + script +
                     " postgres"));
  ReadReport report;
  check_events(read_interactions(server.address(), {.source = {.query = query}}, &report), report);

  struct Case {
    std::string query;
    std::string says;
  };
  const Case cases[] = {
      {"", ": a database needs --query"},
      {"SELEKT 1", ": cannot run the query: syntax error at or near \"SELEKT\""},
      {"SELECT * FROM sale", ": cannot run the query: relation \"sale\" does not exist"},
      {"DELETE FROM purchase RETURNING *",
       ": cannot run the query: cannot execute DELETE in a read-only transaction"},
      {"SET work_mem = '4MB'", ": expected a query that gives rows, got \"SET work_mem = '4MB'\""},
      {"", ": a database needs --query"},
      {"SELECT 1; DROP TABLE purchase", ": cannot run the query: cannot insert multiple"},
      {"SELECT customer, product AS item FROM purchase WHERE id > 9",
       ": expected events, got a table without rows"},
      {"SELECT i AS \"user\", i AS item, 1 / (900 - i) AS x FROM generate_series(1, 1000) i",
       ": cannot read the rows: division by zero"},
      {"SELECT customer, note AS item FROM purchase ORDER BY id",
       ":1:2: expected an item id, got an empty field"},
  };
  const std::string shown = "postgresql://shop@/postgres?host=" + server.folder();
  for (const Case& one : cases) {
    CAPTURE(one.query);
    const std::string message = error_of(server.address(), one.query);
    CAPTURE(message);
    CHECK(message.starts_with(shown + one.says));
    CHECK(message.find("secret") == std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
  }
  // More rows than fit into one message of the server come one after another.
  const Interactions many = read_interactions(
      server.address(),
      {.source = {.query =
                      "SELECT i % 100 AS \"user\", i AS item FROM generate_series(1, 20000) i"}});
  CHECK(many.size() == 20000);
  CHECK(many.item_ids.size() == 20000);
  check_events(read_interactions(server.address(), {.source = {.query = query}}, &report), report);
}

TEST_CASE("a database that is down is an error of one line, without its password") {
  const TestFiles files;
  const std::string message = error_of(
      "postgresql://shop:secret@/db?host=" + files.directory() + "&password=other", "SELECT 1");
  CHECK(message.starts_with("postgresql://shop@/db?host=" + files.directory() +
                            "&password=...: cannot connect: "));
  CHECK(message.find("secret") == std::string::npos);
  CHECK(message.find("other") == std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

}  // namespace
}  // namespace tapegrad::apps
