# The toolchain of Clang, of whatever version is installed: the newest of Debian's numbered names, or the plain one.
if(NOT CMAKE_CXX_COMPILER)
  execute_process(COMMAND "${CMAKE_CURRENT_LIST_DIR}/../scripts/find-tool" clang++ OUTPUT_VARIABLE CMAKE_CXX_COMPILER
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()
