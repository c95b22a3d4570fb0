# Installs a build into a folder of its own, then builds and runs the project beside this file against it.
# usage: cmake -DBUILD_DIR=... -DSOURCE_DIR=... -DCXX_COMPILER=... -P run.cmake
cmake_minimum_required(VERSION 3.25)

foreach(variable BUILD_DIR SOURCE_DIR CXX_COMPILER)
  if(NOT DEFINED ${variable})
    message(FATAL_ERROR "run.cmake: -D${variable}=... is missing")
  endif()
endforeach()

# The same generator as the build, and the same compiler: a sanitizer's runtime, for one, differs between compilers. A compiler that
# a toolchain file chose is not in the cache.
load_cache("${BUILD_DIR}" READ_WITH_PREFIX build_ CMAKE_BUILD_TYPE CMAKE_GENERATOR CMAKE_MAKE_PROGRAM)

set(work "${BUILD_DIR}/install-test")
set(prefix "${work}/prefix")
# What an earlier run left would hide files that are no longer installed.
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "failed (${status}): ${command}")
  endif()
endfunction()

run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${prefix}")
run("${CMAKE_COMMAND}" -S "${SOURCE_DIR}/tests/install" -B "${work}/build" -G "${build_CMAKE_GENERATOR}"
    "-DCMAKE_MAKE_PROGRAM=${build_CMAKE_MAKE_PROGRAM}" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}"
    "-DCMAKE_BUILD_TYPE=${build_CMAKE_BUILD_TYPE}" "-DCMAKE_PREFIX_PATH=${prefix}")
run("${CMAKE_COMMAND}" --build "${work}/build")
run("${work}/build/consumer")
