@main
struct WaybillMain {
    static func main() {}
}
