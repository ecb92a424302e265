package firm

import "slices"

// permissions says what each role may do. A role that is not here may do nothing.
var permissions = map[Role][]Permission{
	Admin:      {TrackTime, BillWork, Charge, Manage, Operate, See},
	Lawyer:     {TrackTime, BillWork, Charge, See},
	Timekeeper: {TrackTime, See},
	Bookkeeper: {BillWork, Charge, Operate, See},
	ReadOnly:   {See},
}

// May reports whether the role has the permission.
func (r Role) May(p Permission) bool { return slices.Contains(permissions[r], p) }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return permissions[r] != nil }
