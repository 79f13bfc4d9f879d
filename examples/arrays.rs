//! Case 1: write an array, and read a part of it.

use h5sim::{File, Mode};
use ndarray::{Array3, Ix3};

fn main() -> h5sim::Result<()> {
    // As good as random.
    let mut state = 1u32;
    let data = Array3::from_shape_simple_fn((5, 4, 3), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / f64::from(u32::MAX)
    });

    let file = File::open("my_data.hdf5", Mode::Create)?;
    file.write("result_1", &data)?;
    file.close()?;

    let file = File::open("my_data.hdf5", Mode::Read)?;
    println!("keys: {:?}", file.keys("/")?);
    println!("shape: {:?}", file.info("result_1")?.1);
    let corner = file.read_slice::<f64, Ix3>("result_1", "[:2,...,:2]")?;
    println!("shape of [:2,...,:2]: {:?}", corner.shape());
    let is_same = corner[[1, 3, 1]] == data[[1, 3, 1]];
    println!("its last value is that of result_1[1,3,1]: {is_same}");
    Ok(())
}
