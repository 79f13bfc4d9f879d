//! A race, by which `make race` shows that it would see one. Not a test of cargo's.

static mut SHARED: u64 = 0;

fn main() {
    let threads = [(); 2].map(|()| {
        std::thread::spawn(|| {
            for _ in 0..1000 {
                // SAFETY: none; that is what is to be found.
                unsafe { SHARED += 1 };
            }
        })
    });
    for thread in threads {
        thread.join().expect("a thread that ends");
    }
}
