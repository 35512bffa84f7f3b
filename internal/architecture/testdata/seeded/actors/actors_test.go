package actors

import _ "github.com/conserje/conserje/transport"
