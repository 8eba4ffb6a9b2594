/// Carriers by JD's codes (open.jd.com, ECLP).
public enum JDCarrier {
    /// Our code where there is one (contract, section 4), else what was given.
    public static func code(_ code: String) -> String {
        switch code {
        case JDLink.jdExpress: "JD"
        case "CYS4398046511127": "YTO"
        case "CYS4418046511108": "YUNDA"
        case "CYS4418046511112": "ZTO"
        case "CYS4418046511224": "EMS"
        default: code
        }
    }
}
