#pragma once

#include <array>
#include <string_view>

namespace tapegrad::apps {

// The header names that columns are found by when none is chosen, best first, in the form that ColumnRule compares.
// Bare nouns that are as likely to be an id in the first row ("book", "song") are left out.

inline constexpr std::array<std::string_view, 19> user_names = {
    "userid",  "user",     "uid",      "username",   "customerid", "customer", "visitorid", "clientid", "memberid", "accountid",
    "buyerid", "personid", "viewerid", "listenerid", "reviewerid", "readerid", "shopperid", "visitor",  "sessionid"};

inline constexpr std::array<std::string_view, 6> session_names = {"sessionid", "session", "visitid", "visit", "basketid", "sid"};

inline constexpr std::array<std::string_view, 20> item_names = {
    "itemid", "item", "iid",    "movieid", "productid", "product", "articleid", "asin",   "sku",      "stockcode",
    "bookid", "isbn", "songid", "trackid", "artistid",  "movie",   "newsid",    "gameid", "recipeid", "businessid"};

inline constexpr std::array<std::string_view, 5> rating_names = {"rating", "ratings", "score", "stars", "userrating"};

inline constexpr std::array<std::string_view, 14> time_names = {
    "timestamp", "time",      "unixtime",    "unixtimestamp", "eventtime",   "datetime", "createdat",
    "ratedat",   "clickedat", "purchasedat", "orderdate",     "invoicedate", "date",     "ts"};

inline constexpr std::array<std::string_view, 8> title_names = {"title",      "name",         "itemname",    "itemtitle",
                                                                "movietitle", "producttitle", "productname", "description"};

}  // namespace tapegrad::apps
