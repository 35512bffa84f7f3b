// Package config is every setting of Conserje: one struct, each field with its
// doc, its default and its rule, read once at the start and validated whole.
//
//	defaults < program's defaults < YAML < .env < environment < flags
//	                                                     |
//	                                  Load ---> Config{Settings, Properties, Warnings}
//
// Load returns every problem at once, each naming its variable (or, in a
// hotel's file, the file, line and field) and the fix. Which source gave a
// value is kept, so that `conserje config print` can say it.
//
// A variable that is set but empty counts as set to empty where its type is a
// text, a list or a secret (WHATSAPP_APP_SECRET= means: none); an empty number,
// duration or switch means its default.
//
// Hotels come from YAML files (HOTEL_CONFIG, see docs/hotel-yaml.md), one
// property per phone_number_id; without them the HOTEL_* variables make one
// property named "default".
package config

//go:generate go run ../scripts/genconfig
