module github.com/conserje/conserje

go 1.26.0

require (
	github.com/asynkron/protoactor-go v0.0.0
	golang.org/x/other v0.0.0
	golang.org/x/text v0.0.0
)

replace (
	github.com/asynkron/protoactor-go => ./fake/protoactor
	golang.org/x/other => ./fake/other
	golang.org/x/text => ./fake/text
)
