import Composition

@main
enum PopugMain {
    static func main() {
        Program.run(Popug.self)
    }
}
