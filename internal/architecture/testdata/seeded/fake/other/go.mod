module golang.org/x/other

go 1.26.0
