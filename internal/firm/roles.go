package firm

import "slices"

// permissions says what each role may do. A role that is not here may do nothing.
var permissions = map[Role][]Permission{
	Admin:      {TrackTime, BillWork, Charge, Approve, Refund, Disburse, SeeRates, Manage, Operate, See},
	Lawyer:     {TrackTime, BillWork, Charge, Refund, Disburse, SeeRates, See},
	Timekeeper: {TrackTime, See},
	Bookkeeper: {BillWork, Charge, Refund, Disburse, SeeRates, Operate, See},
	ReadOnly:   {See},
}

// May reports whether the role has the permission.
func (r Role) May(p Permission) bool { return slices.Contains(permissions[r], p) }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return permissions[r] != nil }

// Roles are all roles, the mightiest first.
var Roles = []Role{Admin, Lawyer, Timekeeper, Bookkeeper, ReadOnly}

// May reports whether the person has the permission: by their own set if they have one and it can be adjusted, else by
// their role. It does not ask whether they are active.
func (p Person) May(what Permission) bool {
	if p.Own != nil && slices.Contains(Adjustable, what) {
		return slices.Contains(p.Own, what)
	}
	return p.Role.May(what)
}

// ownValid refuses what can't be adjusted. Who may only read moves and releases nothing: they may see rates, no more.
func (p Person) ownValid() bool {
	for i, own := range p.Own {
		if !slices.Contains(Adjustable, own) || slices.Contains(p.Own[:i], own) || p.Role == ReadOnly && own != SeeRates {
			return false
		}
	}
	return true
}
