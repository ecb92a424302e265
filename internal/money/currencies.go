package money

import "strings"

// Currencies of ISO 4217 that are in use, by their decimals. They are written down here, and held to CLDR by a test,
// because the library that has them spends a millisecond of each cold start on its decimal arithmetic.
var byDigits = map[int]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
	2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE " +
		"CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD " +
		"HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK " +
		"MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD " +
		"RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH " +
		"USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG",
	3: "BHD IQD JOD KWD LYD OMR TND",
	4: "CLF UYW",
}

// Valid reports whether code is an ISO 4217 currency that we can account in.
func Valid(code string) bool {
	_, known := digits(code)
	return known
}

// Digits returns how many decimals the currency has: 2 for USD, 0 for JPY.
func Digits(code string) int {
	n, known := digits(code)
	if !known {
		return 2
	}
	return n
}

func digits(code string) (n int, known bool) {
	if len(code) != 3 || strings.Contains(code, " ") {
		return 0, false
	}
	for n, codes := range byDigits {
		if strings.Contains(codes, code) {
			return n, true
		}
	}
	return 0, false
}
