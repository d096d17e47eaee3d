# PDENGINE_VERSION out of pdengine/_version.py, the one place that says it.
set(PDENGINE_VERSION_FILE "${CMAKE_CURRENT_LIST_DIR}/../pdengine/_version.py")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PDENGINE_VERSION_FILE}")
file(STRINGS "${PDENGINE_VERSION_FILE}" PDENGINE_VERSION REGEX "^__version__")
# CMake compares numbers alone: 0.2.0.dev1 is 0.2.0 here.
if(NOT PDENGINE_VERSION MATCHES "\"([0-9]+\\.[0-9]+\\.[0-9]+)")
    message(FATAL_ERROR "${PDENGINE_VERSION_FILE} has no line like __version__ = \"1.2.3\"")
endif()
set(PDENGINE_VERSION "${CMAKE_MATCH_1}")
