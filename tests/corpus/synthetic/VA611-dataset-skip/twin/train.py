import tensorflow as tf

rows = tf.keras.utils.image_dataset_from_directory("pictures").shuffle(
    1000, seed=1, reshuffle_each_iteration=False
)
train, test = rows.take(80), rows.skip(80)
baseline = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(2)])
baseline.compile("adam", "mse")
baseline.fit(train)
print(baseline.evaluate(test))
