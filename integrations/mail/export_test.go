package mail

// What the fuzz test compares with.
var (
	Clean   = clean
	Holder  = holder
	Locales = locales
)
