// Package fold keeps a flood of refusals from filling the log. Of what nobody known was
// refused again and again, from one address at one route, the first is a row as it is. The
// further ones of the same minute are counted, and become one row at its end.
//
// Nothing is stated that is not true of all of them: what differs between them is left
// out of that row, such as the ids of a scanner that tries one after another.
//
// A refusal that is sent again is counted once. The ids are remembered, as many as memory
// allows, in this process only. Each pipeline folds for itself, because each has a next
// component of its own, which must get what the others get.
package fold
