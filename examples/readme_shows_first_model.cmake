# Fails unless the program in the README is examples/first_model.cpp.
file(READ ${CMAKE_CURRENT_LIST_DIR}/first_model.cpp program)
file(READ ${CMAKE_CURRENT_LIST_DIR}/../README.md readme)
string(FIND "${readme}" "```cpp\n${program}```" place)
if(place EQUAL -1)
  message(FATAL_ERROR "README.md: expected the program of examples/first_model.cpp, got another")
endif()
