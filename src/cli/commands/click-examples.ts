/** Examples of the click model's commands: each in its own help, and all in that of `click`, in the order in which they run. */

const columns =
  '--label clicked --categorical advertiser,publisher,device --numeric hour --list reading ' +
  '--history-from world/clicks.parquet --history-category advertiser --user user_id --time time --share advertiser=history';

/** For `click train`. */
export const clickTrainExample =
  `category2vec click train world/impressions.parquet ${columns} ` +
  '--embedding advertiser=advertisers.parquet --transfer init --epochs 2 --write-splits parts --out model';

/** For `click evaluate`. */
export const clickEvaluateExample =
  'category2vec click evaluate model parts/test.parquet --history-from world/clicks.parquet';

/** For `click predict`. */
export const clickPredictExample =
  'category2vec click predict model world/impressions.parquet --history-from world/clicks.parquet --out scored.parquet';

/** For `click export`. */
export const clickExportExample = 'category2vec click export model --out model.onnx';

/** For `click compare`. */
export const clickCompareExample =
  `category2vec click compare world/impressions.parquet ${columns} ` +
  '--embedding advertiser=advertisers.parquet --fractions 0.1,1 --seeds 1 --settings 1 --epochs 2 --out comparison';

/** All of them. */
export const clickExamples = [
  clickTrainExample,
  clickEvaluateExample,
  clickPredictExample,
  clickExportExample,
  clickCompareExample,
];
