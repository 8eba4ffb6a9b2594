extension Language {
    /// A count as the language groups thousands: `1,250`, in Vietnamese `1.250`. Never for ids, order or waybill numbers.
    public func grouped(_ number: Int) -> String { DigitGroups.text(number, separator: self == .vi ? "." : ",") }

    /// A count of which no more is told than that it is above `most` (style-web, lists): `9,999+`.
    public func grouped(_ number: Int, atMost most: Int) -> String { number > most ? grouped(most) + "+" : grouped(number) }
}

/// Amounts as the currency's own country writes them, whatever the page's language: a point is never read as the other's comma.
public enum Money {
    /// - Parameters:
    ///   - minorUnits: the amount in the currency's smallest unit: fen of CNY; VND has none below one đồng.
    ///   - currency: ISO 4217. Of one that is neither CNY nor VND the smallest units are taken for hundredths and its code is written out.
    public static func text(_ minorUnits: Int, _ currency: String) -> String {
        let sign = minorUnits < 0 ? "-" : ""
        if currency == "VND" { return "\(sign)\(DigitGroups.text(minorUnits.magnitude, separator: ".")) ₫" }
        let (whole, hundredths) = minorUnits.magnitude.quotientAndRemainder(dividingBy: 100)
        let amount = DigitGroups.text(whole, separator: ",") + (hundredths < 10 ? ".0\(hundredths)" : ".\(hundredths)")
        return currency == "CNY" ? "\(sign)¥\(amount)" : "\(sign)\(amount) \(currency)"
    }
}

private enum DigitGroups {
    static func text(_ number: some BinaryInteger, separator: Character) -> String {
        let digits = Array(String(number.magnitude))
        var result = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(separator) }
            result.append(digit)
        }
        return result
    }
}
