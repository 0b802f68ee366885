/// Formats numbers for a page with a fixed number of decimals, the same in every locale.
enum DecimalText {
    /// `value` rounded to `decimals` places, or nil when it is not finite or too large to show (1e12).
    static func format(_ value: Double, decimals: Int) -> String? {
        guard value.isFinite, value.magnitude < 1e12, (0...6).contains(decimals) else { return nil }
        let scale = (0..<decimals).reduce(Int64(1)) { scale, _ in scale &* 10 }
        let scaled = Int64((value.magnitude * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "−" : ""
        guard decimals > 0 else { return sign + "\(scaled)" }
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: max(0, decimals - fraction.utf8.count))
        return sign + "\(scaled / scale)." + zeros + fraction
    }
}
