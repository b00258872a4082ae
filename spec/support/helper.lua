-- Run by busted before the specs.

local native = assert(package.searchpath("socket.native", package.cpath))
assert(native == "./build/socket/native.so", "another module: " .. native)
