@main
struct ShippingMain {
    static func main() {}
}
