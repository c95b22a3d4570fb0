#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace tapegrad::apps {

// The header names that columns are found by when none is chosen, best first, in the form that
// ColumnRule compares. Bare nouns that are as likely to be an id in the first row ("book", "song")
// are left out.

inline constexpr std::array<std::string_view, 19> user_names = {
    "userid",     "user",     "uid",       "username", "customerid", "customer", "visitorid",
    "clientid",   "memberid", "accountid", "buyerid",  "personid",   "viewerid", "listenerid",
    "reviewerid", "readerid", "shopperid", "visitor",  "sessionid"};

inline constexpr std::array<std::string_view, 6> session_names = {
    "sessionid", "session", "visitid", "visit", "basketid", "sid"};

inline constexpr std::array<std::string_view, 20> item_names = {
    "itemid",   "item",  "iid",       "movieid", "productid", "product",   "articleid",
    "asin",     "sku",   "stockcode", "bookid",  "isbn",      "songid",    "trackid",
    "artistid", "movie", "newsid",    "gameid",  "recipeid",  "businessid"};

// Of item tables, where a column called "id" can only be the item's.
inline constexpr std::array<std::string_view, 21> item_table_names = [] {
  std::array<std::string_view, 21> names;
  std::ranges::copy(item_names, names.begin());
  names.back() = "id";
  return names;
}();

// Of user tables, likewise.
inline constexpr std::array<std::string_view, 20> user_table_names = [] {
  std::array<std::string_view, 20> names;
  std::ranges::copy(user_names, names.begin());
  names.back() = "id";
  return names;
}();

inline constexpr std::array<std::string_view, 6> rating_names = {
    "rating", "ratings", "score", "stars", "userrating", "bookrating"};

inline constexpr std::array<std::string_view, 4> quantity_names = {"quantity", "qty", "pieces",
                                                                   "units"};

inline constexpr std::array<std::string_view, 4> price_names = {"price", "unitprice", "itemprice",
                                                                "priceperunit"};

inline constexpr std::array<std::string_view, 4> stock_names = {"stock", "instock", "inventory",
                                                                "available"};

inline constexpr std::array<std::string_view, 5> category_names = {"category", "categoryid",
                                                                   "genre", "genres", "department"};

inline constexpr std::array<std::string_view, 8> type_names = {
    "eventtype", "event", "eventname", "behavior", "behaviour", "behaviortype", "action", "type"};

inline constexpr std::array<std::string_view, 8> order_names = {
    "invoiceno", "invoice", "invoiceid",   "orderid",
    "orderno",   "order",   "ordernumber", "transactionid"};

inline constexpr std::array<std::string_view, 14> time_names = {
    "timestamp", "time",    "unixtime",  "unixtimestamp", "eventtime", "datetime",
    "createdat", "ratedat", "clickedat", "purchasedat",   "orderdate", "invoicedate",
    "date",      "ts"};

inline constexpr std::array<std::string_view, 8> title_names = {
    "title",      "name",         "itemname",    "itemtitle",
    "movietitle", "producttitle", "productname", "description"};

// Of tables of texts with classes.
inline constexpr std::array<std::string_view, 14> labelled_text_names = {
    "text",    "reviewtext", "review",  "reviewbody", "question", "sentence",    "message",
    "comment", "body",       "content", "utterance",  "query",    "description", "title"};
// Of tables of pictures with classes.
inline constexpr std::array<std::string_view, 10> image_names = {
    "image",    "imagepath", "imagefile", "img",  "picture",
    "filename", "filepath",  "file",      "path", "photo"};
inline constexpr std::array<std::string_view, 9> class_names = {
    "label",  "class",          "category",    "sentiment", "intent",
    "target", "recommendedind", "recommended", "y"};

// Of logs of recommendations: what was shown together, and where an item stood in it.
inline constexpr std::array<std::string_view, 2> impression_names = {"impression", "impressionid"};
inline constexpr std::array<std::string_view, 3> position_names = {"position", "rank", "slot"};

}  // namespace tapegrad::apps
