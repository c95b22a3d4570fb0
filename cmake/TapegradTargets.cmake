# What every target of the project shares.

# Makes <tapegrad/FOLDER/header.h> resolve in the tree exactly as it does once installed.
function(tapegrad_link_farm)
  set(farm "${PROJECT_BINARY_DIR}/include/tapegrad")
  file(MAKE_DIRECTORY "${farm}")
  foreach(folder graph ops nn optim apps)
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${folder}" "${farm}/${folder}" SYMBOLIC)
  endforeach()
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/tapegrad.h" "${farm}/tapegrad.h" SYMBOLIC)
endfunction()

function(tapegrad_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  # Not -ffast-math: these keep every value and only let loops with sqrt, rint and comparisons vectorise.
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -fno-math-errno -fno-trapping-math
                                           -ffp-contract=fast)
  if(TAPEGRAD_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(TAPEGRAD_ARCH)
    target_compile_options(${target} PRIVATE -march=${TAPEGRAD_ARCH})
  endif()
  if(TAPEGRAD_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${TAPEGRAD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${TAPEGRAD_SANITIZE})
  endif()
endfunction()

# Parses the headers of other projects once for a target, which saves a quarter of the time to build everything. The
# project's own headers are left out: a change of one would compile the whole target again. Every file still includes
# what it uses; CMAKE_DISABLE_PRECOMPILE_HEADERS=ON shows whether it does.
function(tapegrad_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <cmath> <functional> <map> <memory> <optional> <span> <string>
                                              <utility> <vector> ${ARGN})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")  # so that caches of objects can serve it
  endif()
endfunction()

# Compiles up to eight sources of a folder as one unless TAPEGRAD_UNITY_BUILD is OFF: that takes less than half the time from
# scratch, but more after a change. Names that are internal to a source must differ from those of the others in its folder.
function(tapegrad_unity target)
  if(NOT TAPEGRAD_UNITY_BUILD)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(SORT sources)
  foreach(source ${sources})
    get_filename_component(folder ${source} DIRECTORY)
    get_filename_component(folder ${folder} NAME)
    math(EXPR group "0${sources_of_${folder}} / 8")
    math(EXPR sources_of_${folder} "0${sources_of_${folder}} + 1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder}_${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

# Lets the fuzzer see which branches of a target an input reaches. For targets that read files: in
# kernels it would only cost time.
function(tapegrad_fuzzed target)
  if(TAPEGRAD_BUILD_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# A folder's library: every source beside its CMakeLists.txt, installed and exported.
function(tapegrad_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  add_library(tapegrad_${name} STATIC ${sources})
  add_library(tapegrad::${name} ALIAS tapegrad_${name})
  set_target_properties(tapegrad_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(tapegrad_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
                                                     $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  tapegrad_compile_options(tapegrad_${name})
  install(TARGETS tapegrad_${name} EXPORT tapegrad DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tapegrad/${name} FILES_MATCHING PATTERN "*.h")
endfunction()
