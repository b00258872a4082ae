std = "lua54"
max_line_length = 80
max_cyclomatic_complexity = 10

files["spec"].std = "+busted"
files["rockspec"].std = "+rockspec"
files[".luacheckrc"].std = "+luacheckrc"
files["config.ld"].std = "+ldoc"
-- measured on Ruby: one result a line, and each file begins with the same names
files["spec/vectors"].max_line_length = false
files["spec/vectors"].ignore = { "211/NIL" }
